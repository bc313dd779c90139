import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createCampaignSchema, resolveSettings } from '../../domain/settings.ts';
import { listSettings } from '../../domain/settings-list.ts';

const HEAD = `# Settings of a campaign

What \`POST /v1/campaigns\` takes, and \`quorate campaign create -f FILE\` as JSON or YAML
([examples/campaign.yaml](../examples/campaign.yaml)). \`quorate campaign settings\` lists the same. Only \`type\` and \`budgetUsd\`
are required; \`stop.maxTasks\` is \`maxTasks\` inside of \`stop\`. Words are in the [glossary](glossary.md).

\`quorate campaign change ID -f FILE\` and \`PATCH /v1/campaigns/{id}\` change a draft: all but its type, and what followed by
default from a changed setting follows it. Once the campaign has started they change \`budgetUsd\`, \`redundancy\`,
\`maxRedundancy\`, \`minConfidence\`, \`dailyLimit\`, \`stop\`, \`quality\`, \`agreementWatch\`, \`calibration\`,
\`consistency\`, \`rejectionWindowMs\`, \`instructions\`, \`hourlyUsd\` and \`priceUsd\`. A setting is changed as a whole; \`null\`
sets it back. The page _Settings_ of a campaign does the same, but for \`quality\`.

This page is made of the settings' schema by \`npx vitest run test/domain/settings-list.test.ts -u\`.

| setting | meaning | default | may be |
| --- | --- | --- | --- |
`;

test('every setting says what it means', () => {
  const settings = listSettings();
  expect(settings.filter(({ meaning }) => meaning === '').map(({ name }) => name)).toEqual([]);
  expect(settings.map(({ name }) => name)).toEqual(
    expect.arrayContaining([...Object.keys(createCampaignSchema.shape), 'stop.plateau.minGain', 'vendors.NAME.waitMs']),
  );
  expect(settings.find(({ name }) => name === 'leaseMs')).toMatchObject({
    byDefault: '1800000 (30 minutes)',
    allowed: 'from 200 to 31622400000 (366 days)',
  });
});

test('docs/campaign-settings.md says what the schema does (update it with `vitest -u`)', async () => {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const code = (text: string | undefined) => (text === undefined ? '' : `\`${text}\``);
  const rows = listSettings().map(({ name, meaning, byDefault, allowed }) =>
    [`\`${name}\``, linked(cell(meaning)), code(byDefault), cell(allowed)].join(' | '),
  );
  const text = HEAD + rows.map((row) => `| ${row} |\n`).join('');
  await expect(text).toMatchFileSnapshot('../../docs/campaign-settings.md');
});

test('examples/campaign.yaml is a campaign', () => {
  const text = readFileSync(new URL('../../examples/campaign.yaml', import.meta.url), 'utf8');
  const { settings, capMicros } = resolveSettings(createCampaignSchema.parse(parse(text)));
  expect(settings).toMatchObject({ redundancy: 2, maxRedundancy: 4, windowMs: 86_400_000, priceMicros: '50000' });
  expect(capMicros).toBe(100_000_000n);
});

function linked(text: string): string {
  return text.replaceAll(/\b([a-z-]+\.md)\b/g, '[$1]($1)');
}
