/** The file of a site that names its models, if there are several: the one that the API serves first. */
export const MODELS_FILE = 'models.json';

/** The folder of a site that has its models' folders, if there are several: of all but the first. */
export const MODELS_FOLDER = 'bundle/models/';

/** The folder of a model in a site, which ends in `/`: the first one has the folder that an only one has. */
export const modelFolder = (name: string, first: boolean): string =>
  first ? 'bundle/' : `${MODELS_FOLDER}${name}/`;

/** What a model may be called: its name is a folder of the site. */
export const MODEL_NAME = /^[\w.-]+$/;
