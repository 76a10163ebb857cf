import { createApp } from './app.ts';
import { deployedFiles } from './deployed.ts';
import { createOnnxRuntimeEngine } from './engine/onnxruntime.ts';
import { openModel } from './model.ts';

export default createApp(openModel(deployedFiles, createOnnxRuntimeEngine));
