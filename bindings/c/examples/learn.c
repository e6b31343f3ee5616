/* Learns handwritten digits as the firmware `learn` does: the same weights, bit for bit. */
#include "board.h"
#include "digits.h"
#include "ff.h"

enum {
  PASSES = 20,
  UNITS = 32,
  FLOATS = FF_LAYER(CLASSES + PIXELS, UNITS) + FF_LAYER(UNITS, UNITS) + FF_SCRATCH(CLASSES, 2, UNITS, 1),
};

static float memory[FLOATS];
static ff_network network;
static uint16_t order[TRAINING];

/* Ends the program where a call was refused. */
static void expect(ff_status status) {
  if (status != FF_STATUS_OK) {
    say(ff_text(status));
    say("\n");
    end(1);
  }
}

static unsigned recognised(void) {
  unsigned right = 0;
  float image[PIXELS], scores[CLASSES];
  for (unsigned digit = 4; digit < DIGITS; digit += 5) {
    uint8_t label = features(digits[digit], image), seen;
    expect(ff_classify(&network, image, scores, &seen));
    right += seen == label;
  }
  return right;
}

int main(void) {
  ff_config config;
  expect(ff_defaults(&FF_CLASSIC, &config));
  config.features = PIXELS;
  config.classes = CLASSES;
  config.depth = 2;
  config.widths[0] = config.widths[1] = UNITS;
  config.learning_rate = 0.01f;
  expect(ff_start(&network, &config, memory, FLOATS, 1));
  for (unsigned pass = 0; pass < PASSES; pass++) {
    expect(ff_order(&network, order, TRAINING));
    for (unsigned turn = 0; turn < TRAINING; turn++) {
      float image[PIXELS];
      uint8_t label = features(training_digit(order[turn]), image);
      float done = (float)(pass * TRAINING + turn) / (float)(PASSES * TRAINING);
      expect(ff_set_lr_scale(&network, 1.0f - done));
      expect(ff_step(&network, image, &label, 1, 0));
    }
  }
  say("after pass 20: ");
  say_number(recognised(), 10);
  say(" of 359 recognised\nweights: CRC-32 ");
  say_number(ff_checksum(&network), 16);
  say("\n");
  return 0;
}
