/* 1,797 handwritten digits of 8 by 8 pixels (UCI, "Optical recognition of handwritten digits", CC BY 4.0), of
 * which every fifth is held out. The build says where the file is. */
#ifndef DIGITS_H
#define DIGITS_H

#include <stdint.h>

enum { PIXELS = 64, CLASSES = 10, DIGITS = 1797, HELD_OUT = 360, TRAINING = DIGITS - 359 };

__asm__(".section .rodata.digits\n.global digits\ndigits: .incbin \"" DIGITS_FILE "\"\n.previous\n");
extern const uint8_t digits[DIGITS][PIXELS + 1];

/* The digits to learn from, by their turn. */
static inline const uint8_t *training_digit(unsigned turn) { return digits[turn + turn / 4]; }

/* Pixels as features from 0 to 1; returns the label. */
static inline uint8_t features(const uint8_t *digit, float *into) {
  for (int pixel = 0; pixel < PIXELS; pixel++) into[pixel] = (1.0f / 16.0f) * (float)digit[pixel];
  return digit[PIXELS];
}

#endif
