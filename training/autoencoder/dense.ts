import type { Architecture } from '../../bundle/training.ts';
import { dense, type Layer, plainStyle } from '../network/layers.ts';

type Dense = Omit<Extract<Architecture, { kind: 'dense' }>, 'parameters'>;

/**
 * The layers of a fully connected autoencoder. `heads` is how many numbers the encoder gives for each number of the
 * code, and the decoder for each feature. Throws a RangeError if the widths do not form an autoencoder.
 */
export function buildDenseLayers(
  architecture: Dense,
  heads: { code: number; output: number },
): { encoder: Layer[]; decoder: Layer[] } {
  const { widths, code, tied, code_activation } = architecture;
  const last = widths.length - 1;
  const depth = last / 2;
  const given = `widths ${widths.join('-')}`;
  if (depth < 1 || widths[depth] !== code || widths[0] !== widths[last]) {
    throw new RangeError(`${given}: the first and last must be equal, and the middle one the code (${code})`);
  }
  if (tied && (heads.code > 1 || heads.output > 1)) {
    throw new RangeError('tied weights allow neither a variational code nor a Gaussian output');
  }
  if (tied && widths.some((width, i) => width !== widths[last - i])) {
    throw new RangeError(`${given}: tied weights need symmetric widths`);
  }
  const layers = widths.slice(1).map((width, i) => {
    if (i === depth - 1)
      return dense(`layer${i}`, widths[i], width * heads.code, plainStyle(code_activation));
    const tiedTo = tied && i >= depth ? `layer${last - 1 - i}` : undefined;
    if (i === last - 1) return dense(`layer${i}`, widths[i], width * heads.output, plainStyle(), tiedTo);
    return dense(`layer${i}`, widths[i], width, architecture, tiedTo);
  });
  return { encoder: layers.slice(0, depth), decoder: layers.slice(depth) };
}
