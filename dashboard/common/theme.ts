export type Theme = 'light' | 'dark';

const KEY = 'offmanifold-theme';

/** The theme to start with: the remembered one, else what the system prefers. */
export function initialTheme(): Theme {
  return rememberedTheme() ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

/** The theme the visitor chose here before, if any, and if storage may be read. */
export function rememberedTheme(): Theme | undefined {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : undefined;
  } catch {
    return undefined;
  }
}

/** Puts a theme on the page and remembers it where storage is allowed. */
export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts for this visit.
  }
}
