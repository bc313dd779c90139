import {
  CartesianGrid,
  ErrorBar,
  LabelList,
  type LabelProps,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { AXIS, axisUsd } from '../campaigns/charts';
import { t } from '../i18n/office';
import { roundTicks } from '../ui/round-ticks';
import type { PlannedOption } from './plan-page';
import { roughUsd, shortWords } from './words';

/** Cost against accuracy: a dot for each policy, P10 to P90 as bars, and a line through what no other beats. */
export function FrontierChart({
  options,
  frontier,
}: {
  options: readonly PlannedOption[];
  frontier: readonly string[];
}) {
  const points = options.map(({ name, judge, costUsd, accuracy }) => ({
    name,
    judge,
    words: shortWords(name),
    cost: costUsd.p50,
    right: 100 * accuracy.p50,
    // Recharts wants how far a bar reaches below and above its dot.
    costBar: [costUsd.p50 - costUsd.p10, costUsd.p90 - costUsd.p50],
    rightBar: [100 * (accuracy.p50 - accuracy.p10), 100 * (accuracy.p90 - accuracy.p50)],
  }));
  const edge = frontier.flatMap((name) => points.filter((point) => point.name === name));
  const least = Math.max(0, Math.floor(20 * Math.min(...options.map(({ accuracy }) => accuracy.p10))) * 5);
  const dearest = Math.max(...options.map(({ costUsd }) => costUsd.p90));
  const bars = (of: typeof points, colour: string, below: boolean) => (
    <Scatter data={of} fill={colour} isAnimationActive={false}>
      <ErrorBar dataKey="costBar" direction="x" width={4} stroke={colour} isAnimationActive={false} />
      <ErrorBar dataKey="rightBar" direction="y" width={4} stroke={colour} isAnimationActive={false} />
      <LabelList dataKey="words" content={(label) => <Beside {...label} below={below} />} />
    </Scatter>
  );
  return (
    <div className="chart chart-tall" role="img" aria-label={t('Frontier: accuracy by cost, policy by policy')}>
      <ResponsiveContainer width="100%" height="100%">
        <ScatterChart accessibilityLayer={false} margin={{ top: 20, right: 28, bottom: 22, left: 8 }}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis
            {...AXIS}
            dataKey="cost"
            type="number"
            domain={[0, dearest]}
            ticks={roundTicks(0, dearest)}
            tickFormatter={axisUsd}
            label={{ value: t('Cost (P10 to P90)'), position: 'insideBottom', offset: -14, fill: 'var(--dim)' }}
          />
          <YAxis
            {...AXIS}
            dataKey="right"
            type="number"
            width={64}
            domain={[least, 100]}
            ticks={roundTicks(least, 100)}
            tickFormatter={(value: number) => `${Math.round(value)}%`}
            label={{
              value: t('Labels right (P10 to P90)'),
              angle: -90,
              position: 'insideLeft',
              dy: 70,
              fill: 'var(--dim)',
            }}
          />
          <Tooltip
            isAnimationActive={false}
            contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8 }}
            formatter={(value, name) => [
              name === 'cost' ? roughUsd(Number(value)) : `${Number(value).toFixed(1)}%`,
              name === 'cost' ? t('cost') : t('labels right'),
            ]}
          />
          <Scatter
            data={edge}
            line={{ stroke: 'var(--dim)', strokeDasharray: '4 3' }}
            shape={() => <g />}
            isAnimationActive={false}
          />
          {bars(
            points.filter(({ judge }) => !judge),
            'var(--chart-1)',
            false,
          )}
          {bars(
            points.filter(({ judge }) => judge),
            'var(--chart-2)',
            true,
          )}
        </ScatterChart>
      </ResponsiveContainer>
    </div>
  );
}

/** A policy's name beside its dot, in one line: the library would break it at every blank. */
function Beside({ x, y, value, below }: LabelProps & { below: boolean }) {
  return (
    <text className="chart-name" x={Number(x) + 12} y={Number(y) + (below ? 20 : -4)}>
      {value}
    </text>
  );
}
