/** What can run a model in the Worker, the default first; each has a file in functions/model. */
export const ENGINES = ['offmanifold', 'onnxruntime-web'] as const;
export type EngineName = (typeof ENGINES)[number];
