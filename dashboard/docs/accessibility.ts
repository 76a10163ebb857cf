/** What Swagger UI leaves without a name, by selector. */
const NAMES: Readonly<Record<string, string>> = {
  '#servers': 'Server',
  '.content-type': 'Content type',
  '.body-param__text': 'Request body',
};

/** Parts of the page outside its main landmark, by selector. */
const REGIONS: Readonly<Record<string, string>> = {
  '.information-container': 'About the API',
  '.scheme-container': 'Server and keys',
  '.models': 'Schemas',
};

/** The level of a heading in the page's outline, where Swagger UI skips one. */
const LEVELS: Readonly<Record<string, number>> = {
  'h3.opblock-tag': 2,
  '.models > h4': 2,
  '.opblock h4': 3,
  '.opblock h5': 4,
};

/** Gives what Swagger UI draws, now and later, the names, landmarks and heading levels that it lacks. */
export function keepAccessible(root: HTMLElement): void {
  const mend = () => {
    setAll(root, NAMES, 'aria-label');
    setAll(root, REGIONS, 'aria-label');
    for (const selector of Object.keys(REGIONS)) {
      for (const part of root.querySelectorAll(selector)) set(part, 'role', 'region');
    }
    setAll(root, LEVELS, 'aria-level');
    for (const field of root.querySelectorAll('[data-param-name] :is(select, input, textarea)')) {
      set(field, 'aria-label', field.closest('[data-param-name]')!.getAttribute('data-param-name')!);
    }
    for (const field of root.querySelectorAll('textarea:not([aria-label])'))
      set(field, 'aria-label', 'Request body');
    for (const field of root.querySelectorAll('select:not([aria-label])')) set(field, 'aria-label', 'Choice');
  };
  new MutationObserver(mend).observe(root, { childList: true, subtree: true });
  mend();
}

function setAll(
  root: HTMLElement,
  values: Readonly<Record<string, string | number>>,
  attribute: string,
): void {
  for (const [selector, value] of Object.entries(values)) {
    for (const part of root.querySelectorAll(selector)) set(part, attribute, String(value));
  }
}

function set(part: Element, attribute: string, value: string): void {
  if (part.getAttribute(attribute) !== value) part.setAttribute(attribute, value);
}
