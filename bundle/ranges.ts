import * as z from 'zod';

// A schema takes about 20 µs to make: what many files need is made once, so that a Worker starts soon.

/** 0, 1, 2, … */
export const whole = z.int().nonnegative();
/** 1, 2, 3, … */
export const counting = z.int().positive();
export const positive = z.number().positive();
export const nonNegative = z.number().nonnegative();
/** From 0 to 1. */
export const share = z.number().min(0).max(1);
/** From 0 to just below 1. */
export const shareBelowOne = z.number().min(0).lt(1);
/** Above 0 and below 1. */
export const properShare = z.number().gt(0).lt(1);
