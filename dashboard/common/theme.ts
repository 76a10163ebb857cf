export type Theme = 'light' | 'dark';

const KEY = 'offmanifold-theme';

/** The theme to start with: the visitor's earlier choice, else the system's preference. */
export function initialTheme(): Theme {
  return rememberedTheme() ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

/** The visitor's earlier choice; undefined if there is none or storage is not allowed. */
export function rememberedTheme(): Theme | undefined {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : undefined;
  } catch {
    return undefined;
  }
}

/** Sets the page's theme, and remembers it where storage is allowed. */
export function chooseTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Without storage the choice lasts for this visit.
  }
}
