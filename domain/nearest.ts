import { codePointsOf } from './text/code-points.ts';
import { editDistance } from './text/edit-distance.ts';

/** Of `names` the one that `name` most likely was meant to be; undefined where none is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const meant = codePointsOf(name.toLowerCase());
  const [best] = names
    .map((each) => ({ each, far: editDistance(meant, codePointsOf(each.toLowerCase())) }))
    .filter(({ each, far }) => far <= Math.max(1, Math.floor(each.length / 3)))
    .sort((a, b) => a.far - b.far);
  return best?.each;
}
