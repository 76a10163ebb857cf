import { createApp } from './app.ts';
import { deployedFiles } from './deployed.ts';
import { openModel } from './model/model.ts';
import { createOnnxRuntimeEngine } from './model/onnxruntime.ts';

export default createApp(openModel(deployedFiles, createOnnxRuntimeEngine));
