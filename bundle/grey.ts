/**
 * The grey of a colour: the sum of its components as they are stored, weighted by how bright each looks (luma, Rec. ITU-R
 * BT.709-6, section 3). Grey stays what it is, to the last bit.
 */
export const toGrey = (red: number, green: number, blue: number): number =>
  red === green && green === blue ? red : 0.2126 * red + 0.7152 * green + 0.0722 * blue;
