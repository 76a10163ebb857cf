export { DataError } from '../../../bundle/error.ts';
