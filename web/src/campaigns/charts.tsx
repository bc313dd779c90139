import { Area, CartesianGrid, ComposedChart, Line, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { t } from '../i18n/office';
import { roundTicks } from '../ui/round-ticks';
import { count, percent, shortTime, usd } from '../ui/text';

export interface CurvePoint {
  readonly labels: number;
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
}

export const AXIS = { stroke: 'var(--dim)', tickLine: false, tick: { fontSize: 12, fill: 'var(--dim)' } } as const;

/** Of whole things, there is nothing between two of them. */
const COUNTS = { finest: 1 };
/** Round dollars, with cents where the steps are smaller. */
export const axisUsd = (value: number): string => `$${value.toLocaleString('en-US', { maximumFractionDigits: 2 })}`;
const ends = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];

/** Held-out accuracy by labels, with its 95% band. */
export function LearningCurve({ points }: { points: readonly CurvePoint[] }) {
  const data = points.map(({ labels, accuracy, low, high }) => ({ labels, accuracy, band: [low, high] }));
  const lowest = Math.min(...points.map(({ low }) => low));
  const floor = Math.max(0, Math.floor(lowest * 10) / 10);
  const [least, most] = ends(points.map(({ labels }) => labels));
  return (
    <div className="chart" role="img" aria-label={t('Learning curve: accuracy on held-out items by labels')}>
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart accessibilityLayer={false} data={data} margin={{ top: 8, right: 16, bottom: 22, left: 8 }}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            {...AXIS}
            dataKey="labels"
            type="number"
            domain={[least, most]}
            ticks={roundTicks(least, most, COUNTS)}
            tickFormatter={(value: number) => count(value)}
            label={{ value: t('Labels (tasks decided)'), position: 'insideBottom', offset: -14, fill: 'var(--dim)' }}
          />
          <YAxis
            {...AXIS}
            domain={[floor, 1]}
            ticks={roundTicks(floor, 1)}
            width={64}
            tickFormatter={(value: number) => `${Math.round(100 * value)}%`}
            label={{ value: t('Accuracy'), angle: -90, position: 'insideLeft', fill: 'var(--dim)' }}
          />
          <Tooltip
            isAnimationActive={false}
            contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8 }}
            labelFormatter={(value) => t('{labels} labels', { labels: count(Number(value)) })}
            formatter={(value, name) => {
              if (!Array.isArray(value)) return [percent(Number(value)), String(name)];
              return [
                t('{low} to {high}', { low: percent(Number(value[0])), high: percent(Number(value[1])) }),
                t('95% interval'),
              ];
            }}
          />
          <Area dataKey="band" name={t('95% interval')} fill="var(--band)" stroke="none" isAnimationActive={false} />
          <Line
            dataKey="accuracy"
            name={t('accuracy')}
            stroke="var(--chart-1)"
            strokeWidth={2}
            dot={{ r: 3, fill: 'var(--chart-1)' }}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

/** Money spent by round, added up. */
export function SpendCurve({ points }: { points: readonly { round: number; usd: number }[] }) {
  const [first, last] = ends(points.map(({ round }) => round));
  const most = Math.max(...points.map(({ usd: spent }) => spent));
  return (
    <div className="chart" role="img" aria-label={t('Spend by round, added up, in dollars')}>
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart
          accessibilityLayer={false}
          data={[...points]}
          margin={{ top: 8, right: 16, bottom: 22, left: 8 }}
        >
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            {...AXIS}
            dataKey="round"
            type="number"
            domain={[first, last]}
            ticks={roundTicks(first, last, COUNTS)}
            label={{ value: t('Round'), position: 'insideBottom', offset: -14, fill: 'var(--dim)' }}
          />
          <YAxis
            {...AXIS}
            width={72}
            domain={[0, most]}
            ticks={roundTicks(0, most)}
            tickFormatter={axisUsd}
            label={{ value: t('Dollars'), angle: -90, position: 'insideLeft', fill: 'var(--dim)' }}
          />
          <Tooltip
            isAnimationActive={false}
            contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8 }}
            labelFormatter={(value) => t('Round {round}', { round: Number(value) })}
            formatter={(value) => [usd(Number(value)), t('spent so far')]}
          />
          <Area
            dataKey="usd"
            stroke="var(--chart-2)"
            strokeWidth={2}
            fill="var(--band)"
            dot={{ r: 3, fill: 'var(--chart-2)' }}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

export interface AgreementPoint {
  readonly at: number;
  readonly alpha: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Agreement over time, with its 95% band where there is one. */
export function AgreementCurve({ points }: { points: readonly AgreementPoint[] }) {
  const data = points.map(({ at, alpha, low, high }) => ({
    at,
    alpha,
    ...(low === null || high === null ? {} : { band: [low, high] }),
  }));
  const floor = Math.floor(Math.min(0, ...points.map(({ alpha, low }) => low ?? alpha)) * 5) / 5;
  return (
    <div
      className="chart"
      role="img"
      aria-label={t("Agreement over time: Krippendorff's alpha by the time of the answers")}
    >
      <ResponsiveContainer width="100%" height="100%">
        <ComposedChart accessibilityLayer={false} data={data} margin={{ top: 8, right: 16, bottom: 22, left: 8 }}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            {...AXIS}
            dataKey="at"
            type="number"
            scale="time"
            domain={['dataMin', 'dataMax']}
            minTickGap={60}
            tickFormatter={shortTime}
            label={{ value: t('Time of the last answers'), position: 'insideBottom', offset: -14, fill: 'var(--dim)' }}
          />
          <YAxis
            {...AXIS}
            width={64}
            domain={[floor, 1]}
            ticks={roundTicks(floor, 1)}
            tickFormatter={(value: number) => value.toFixed(2)}
            label={{ value: t('Alpha'), angle: -90, position: 'insideLeft', fill: 'var(--dim)' }}
          />
          <Tooltip
            isAnimationActive={false}
            contentStyle={{ background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8 }}
            labelFormatter={(value) => shortTime(Number(value))}
            formatter={(value, name) => {
              if (!Array.isArray(value)) return [Number(value).toFixed(2), String(name)];
              return [
                t('{low} to {high}', { low: Number(value[0]).toFixed(2), high: Number(value[1]).toFixed(2) }),
                t('95% interval'),
              ];
            }}
          />
          <Area dataKey="band" name={t('95% interval')} fill="var(--band)" stroke="none" isAnimationActive={false} />
          <Line
            dataKey="alpha"
            name={t('alpha')}
            stroke="var(--chart-2)"
            strokeWidth={2}
            dot={{ r: 3, fill: 'var(--chart-2)' }}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}
