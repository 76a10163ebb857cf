type Triple = readonly [number, number, number];

const HUES = 30;
const LIGHTNESSES = [0.32, 0.42, 0.52, 0.62, 0.72, 0.82, 0.92];
const CHROMAS = [0.05, 0.1, 0.15, 0.19];

/** The least contrast to the ground, which WCAG 2 asks of graphics. */
const CONTRAST = 3;

/**
 * `count` colours that begin with some given ones: each further colour is the one of all hues, lightnesses and chromas
 * that is farthest from those before it in OKLab, with a contrast of at least 3:1 to the ground.
 */
export function farApart(count: number, given: readonly string[], ground: string): string[] {
  const chosen = given.slice(0, count);
  const candidates = listCandidates(luminanceOf(linearOf(ground)));
  const distances = candidates.map(({ lab }) =>
    Math.min(...given.map((hex) => distance(lab, oklabOf(linearOf(hex))))),
  );
  while (chosen.length < count) {
    const best = distances.indexOf(Math.max(...distances));
    chosen.push(candidates[best]!.hex);
    for (const [i, { lab }] of candidates.entries()) {
      distances[i] = Math.min(distances[i]!, distance(lab, candidates[best]!.lab));
    }
  }
  return chosen;
}

function listCandidates(ground: number): { hex: string; lab: Triple }[] {
  const found = [];
  for (const lightness of LIGHTNESSES) {
    for (const chroma of CHROMAS) {
      for (let hue = 0; hue < HUES; hue++) {
        const angle = (2 * Math.PI * hue) / HUES;
        const lab: Triple = [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
        const linear = linearOfOklab(lab);
        if (linear.some((value) => value < 0 || value > 1)) continue;
        const light = luminanceOf(linear);
        const contrast = (Math.max(light, ground) + 0.05) / (Math.min(light, ground) + 0.05);
        if (contrast >= CONTRAST) found.push({ hex: hexOf(linear), lab });
      }
    }
  }
  return found;
}

const distance = (a: Triple, b: Triple) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const luminanceOf = ([red, green, blue]: Triple) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** `#rrggbb` as linear sRGB, 0..1 (IEC 61966-2-1). */
function linearOf(hex: string): Triple {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function hexOf(linear: Triple): string {
  const byte = (value: number) =>
    Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
  return `#${linear.map((value) => byte(value).toString(16).padStart(2, '0')).join('')}`;
}

/** Linear sRGB to OKLab (Ottosson 2020). */
function oklabOf([red, green, blue]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function linearOfOklab([lightness, a, b]: Triple): Triple {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}
