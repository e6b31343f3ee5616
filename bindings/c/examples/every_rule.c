/* Every rule, whole and in slices, saved, damaged, loaded, explained, and refused: nothing may go unnoticed. */
#include "board.h"
#include "ff.h"

enum { FEATURES = 13, CLASSES = 5, STEPS = 40, FLOATS = 4000, BYTES = 8000 };

static float memory[FLOATS], sample[FEATURES];
static ff_network network;
static ff_slices slices;
static uint8_t bytes[BYTES];

static const ff_rule *const rules[] = {
    &FF_CLASSIC,     &FF_CLASSIC_MOMENTUM,     &FF_CLASSIC_ADAM,     &FF_MEAN_SQUARE,
    &FF_MEAN_SQUARE_MOMENTUM, &FF_MEAN_SQUARE_ADAM, &FF_SYMBA, &FF_SYMBA_MOMENTUM,
    &FF_SYMBA_ADAM,  &FF_MINIMISED, &FF_MINIMISED_MOMENTUM, &FF_MINIMISED_ADAM,
    &FF_N_WAY, &FF_N_WAY_MOMENTUM, &FF_N_WAY_ADAM, &FF_LABEL_GROUPS,
    &FF_LABEL_GROUPS_MOMENTUM, &FF_LABEL_GROUPS_ADAM, &FF_LOCAL_CROSS_ENTROPY,
    &FF_LOCAL_CROSS_ENTROPY_MOMENTUM, &FF_LOCAL_CROSS_ENTROPY_ADAM,
};

static void fail(const char *what) {
  say(what);
  say("\n");
  end(1);
}

#define EXPECT(wanted, call)                     \
  do {                                           \
    if ((call) != (wanted)) fail(#call " is not " #wanted); \
  } while (0)
#define OK(call) EXPECT(FF_STATUS_OK, call)

/* Made-up samples: the class's own features are larger. */
static uint8_t make(uint32_t step) {
  uint8_t label = (uint8_t)(step % CLASSES);
  for (uint32_t f = 0; f < FEATURES; f++) {
    uint32_t noise = (step * 2654435761u + f * 40503u) >> 16 & 0xff;
    sample[f] = (float)noise / 512.0f + (f % CLASSES == label ? 1.0f : 0.0f);
  }
  return label;
}

static void learn(uint32_t from, uint32_t to) {
  for (uint32_t step = from; step < to; step++) {
    uint8_t label = make(step);
    OK(ff_step(&network, sample, &label, 1, 0));
  }
}

static void learn_in_slices(uint32_t from, uint32_t to) {
  for (uint32_t step = from; step < to; step++) {
    uint8_t label = make(step);
    ff_report report;
    OK(ff_begin(&network, sample, &label, 1, &slices));
    EXPECT(FF_STATUS_BUSY, ff_step(&network, sample, &label, 1, 0));
    ff_status status;
    while ((status = ff_poll(&slices, 50, &report)) == FF_STATUS_PENDING) {
    }
    OK(status);
    if (report.depth != 2) fail("the report has not two layers");
  }
}

static void saves(void) {
  size_t written, size = ff_snapshot_bytes(&network);
  EXPECT(FF_STATUS_BUFFER, ff_save(&network, bytes, size - 1, 0));
  OK(ff_save(&network, bytes, BYTES, &written));
  if (written != size) fail("a snapshot is as long as was said");
  learn(STEPS, STEPS + 5);
  uint32_t further = ff_checksum(&network);
  bytes[size / 2] ^= 1;
  EXPECT(FF_STATUS_CHECKSUM, ff_load(&network, bytes, size));
  if (ff_checksum(&network) != further) fail("a damaged snapshot changed the network");
  bytes[size / 2] ^= 1;
  OK(ff_load(&network, bytes, size));
  learn(STEPS, STEPS + 5);
  if (ff_checksum(&network) != further) fail("learning does not go on as if it had never stopped");
}

static void explains(void) {
  float map[FEATURES], scores[CLASSES], sum;
  uint8_t seen;
  ff_explained told;
  make(3);
  OK(ff_classify(&network, sample, scores, &seen));
  OK(ff_explain(&network, sample, seen, map, &told));
  sum = told.label_share + told.bias_share - (told.score - told.baseline_score);
  for (int f = 0; f < FEATURES; f++) sum += map[f];
  if (sum > 1e-3f || sum < -1e-3f) fail("a map does not add up");
}

static void refuses(const ff_config *config) {
  float scores[CLASSES], map[FEATURES];
  uint8_t label = CLASSES;
  ff_network unset = {0};
  ff_config wrong = *config;
  EXPECT(FF_STATUS_POINTER, ff_step(0, sample, &label, 1, 0));
  EXPECT(FF_STATUS_POINTER, ff_step(&network, 0, &label, 1, 0));
  EXPECT(FF_STATUS_POINTER, ff_step(&network, (float *)((char *)sample + 1), &label, 1, 0));
  EXPECT(FF_STATUS_UNSET, ff_scores(&unset, sample, scores));
  EXPECT(FF_STATUS_LABEL, ff_step(&network, sample, &label, 1, 0));
  EXPECT(FF_STATUS_LABEL, ff_explain(&network, sample, CLASSES, map, 0));
  EXPECT(FF_STATUS_LENGTH, ff_step(&network, sample, &label, SIZE_MAX / 2, 0));
  EXPECT(FF_STATUS_LENGTH, ff_start(&unset, config, memory, ff_floats(config) - 1, 1));
  wrong.widths[1] = 0;
  EXPECT(FF_STATUS_SHAPE, ff_start(&unset, &wrong, memory, FLOATS, 1));
  wrong.widths[1] = 0xffffffffu;
  EXPECT(FF_STATUS_SHAPE, ff_start(&unset, &wrong, memory, FLOATS, 1));
  OK(ff_set_lr_scale(&network, -1.0f));
  label = 0;
  EXPECT(FF_STATUS_SETTING, ff_step(&network, sample, &label, 1, 0));
  OK(ff_set_lr_scale(&network, 1.0f));
  sample[3] = __builtin_nanf("");
  EXPECT(FF_STATUS_NOT_FINITE, ff_step(&network, sample, &label, 1, 0));
}

/* The header's constants are never too small. */
static void sizes(void) {
  ff_config config;
  for (uint32_t depth = 1; depth <= FF_MAX_LAYERS; depth++) {
    for (uint32_t batch = 1; batch < 10; batch += 4) {
      for (uint32_t width = 1; width < 40; width += 19) {
        uint32_t above = (depth - 1) * FF_LAYER(width, width);
        uint32_t scratch = FF_SCRATCH(CLASSES, depth, width, batch), maps = FF_MAPS(FEATURES, CLASSES, depth, width);
        uint32_t most = maps > scratch ? maps : scratch;
        OK(ff_defaults(&FF_CLASSIC_MOMENTUM, &config));
        config.features = FEATURES;
        config.classes = CLASSES;
        config.depth = depth;
        config.batch = batch;
        config.explains = 1;
        config.hard_negatives = 1;
        config.read_layers = depth;
        for (uint32_t l = 0; l < depth; l++) config.widths[l] = width;
        uint32_t network = FF_LAYER(CLASSES + FEATURES, width) + above + depth * width * CLASSES;
        if (ff_floats(&config) > 2 * network + most) fail("the constants of a classic rule are too small");
        config.rule = &FF_N_WAY;
        network = FF_LAYER(FEATURES, width) + above + depth * width * CLASSES;
        if (ff_floats(&config) > network + most) fail("the constants of a one-pass rule are too small");
      }
    }
  }
}

int main(void) {
  sizes();
  for (unsigned rule = 0; rule < sizeof rules / sizeof *rules; rule++) {
    ff_config config;
    OK(ff_defaults(rules[rule], &config));
    config.features = FEATURES;
    config.classes = CLASSES;
    config.depth = 2;
    config.widths[0] = 16;
    config.widths[1] = 8;
    config.explains = 1;
    if (ff_floats(&config) > FLOATS) fail("the memory is too small");
    OK(ff_start(&network, &config, memory, FLOATS, 1));
    learn(0, STEPS);
    uint32_t whole = ff_checksum(&network);
    OK(ff_start(&network, &config, memory, FLOATS, 1));
    learn_in_slices(0, STEPS);
    if (ff_checksum(&network) != whole) fail("slices give other weights than a whole step");
    saves();
    explains();
    refuses(&config);
    say("rule ");
    say_number(rule, 10);
    say(": CRC-32 ");
    say_number(whole, 16);
    say("\n");
  }
  return 0;
}
