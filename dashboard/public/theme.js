// The chosen theme, before the page is drawn.
try {
  const theme = localStorage.getItem('offmanifold-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // A browser may refuse its storage: then the page has the theme of the system.
}
