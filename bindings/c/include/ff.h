/* Forward-Forward learning from C: see README.md beside this folder.
 * Written by cbindgen from src/; `FF_BLESS=1 cargo test --test header` writes it anew. */

#ifndef FF_H
#define FF_H

#include <stddef.h>
#include <stdint.h>

/* Floats of memory as constants, for static arrays; ff_floats says how many are really needed.
 *
 * A network's own: FF_LAYER of each layer, the first with as many inputs as features and, for classic rules,
 * classes; units times classes for the layers that a readout reads, or for all layers of a rule with label rows
 * (N-way and local cross-entropy). Momentum takes the network's floats twice, Adam three times and
 * the largest matrix. Peer normalisation takes one a unit. To all that comes what steps and classifications
 * work in, FF_SCRATCH, or with explanations the larger of FF_SCRATCH and FF_MAPS. */
#define FF_LAYER(inputs, units) (((inputs) + 1) * (units))
#define FF_SCRATCH(classes, depth, widest, batch) \
  (((depth) > 3 ? ((depth) + 1) * (batch) + 2 : 4 * (batch) + 2) * (widest) + (2 * (classes) + 5) * (batch) + 1)
#define FF_MAPS(features, classes, depth, widest) \
  ((features) + (classes) + 1 + 2 * (depth) + (3 * (depth) + 7) * (widest))

/*
 The most layers that a network has.
 */
#define FF_MAX_LAYERS 8

/*
 Words of a network besides its floats.
 */
#define FF_NETWORK_WORDS 112

/*
 Words of a step in slices.
 */
#define FF_SLICES_WORDS 160

/*
 What became of a call. Whatever is below 0 changed nothing, but for `FF_DIVERGED` and `FF_CHANGED`.
 */
typedef enum ff_status {
  /*
   It did its work.
   */
  FF_STATUS_OK = 0,
  /*
   A step in slices goes on at the next poll.
   */
  FF_STATUS_PENDING = 1,
  /*
   A pointer is null, or not aligned for what it points to.
   */
  FF_STATUS_POINTER = -1,
  /*
   The network was not begun by `ff_start`, or the step not by `ff_begin`.
   */
  FF_STATUS_UNSET = -2,
  /*
   A step in slices is under way: poll it to its end, or abandon it.
   */
  FF_STATUS_BUSY = -3,
  /*
   A label is not below the number of classes.
   */
  FF_STATUS_LABEL = -4,
  /*
   A slice has the wrong length, or the memory too few floats.
   */
  FF_STATUS_LENGTH = -5,
  /*
   A value is NaN, infinite or too large to be squared.
   */
  FF_STATUS_NOT_FINITE = -6,
  /*
   A setting is out of range.
   */
  FF_STATUS_SETTING = -7,
  /*
   Widths, classes or batch do not suit the rule, or are too large.
   */
  FF_STATUS_SHAPE = -8,
  /*
   A layer is no longer finite: lower its rate.
   */
  FF_STATUS_DIVERGED = -9,
  /*
   These bytes are no snapshot, or one of another version.
   */
  FF_STATUS_NO_SNAPSHOT = -10,
  /*
   The snapshot is of other shapes, or of another optimiser.
   */
  FF_STATUS_OTHER_SHAPES = -11,
  /*
   The snapshot is damaged.
   */
  FF_STATUS_CHECKSUM = -12,
  /*
   The buffer is too small: `ff_snapshot_bytes` says how large it must be.
   */
  FF_STATUS_BUFFER = -13,
  /*
   The bytes changed while they were read; the network holds a mixture.
   */
  FF_STATUS_CHANGED = -14,
} ff_status;

/*
 A rule. Opaque in C.
 */
typedef struct ff_rule ff_rule;

/*
 A network and how it learns. `ff_defaults` makes one with the rule's usual settings; then set the sizes.
 */
typedef struct ff_config {
  /*
   One of the rules of this header, such as `&FF_N_WAY`.
   */
  const struct ff_rule *rule;
  /*
   Features of a sample.
   */
  uint32_t features;
  /*
   Classes, 2 to 256.
   */
  uint32_t classes;
  /*
   Layers, 1 to `FF_MAX_LAYERS`.
   */
  uint32_t depth;
  /*
   Units of each layer.
   */
  uint32_t widths[FF_MAX_LAYERS];
  /*
   Of a classic rule: how many of the last layers a readout reads; 0 for no readout.
   */
  uint32_t read_layers;
  /*
   The most samples of a step.
   */
  uint32_t batch;
  /*
   Whether there is room for explanations: 1 or 0.
   */
  uint8_t explains;
  /*
   Of a classic rule: whether wrong labels are drawn by the readout's probabilities: 1 or 0.
   */
  uint8_t hard_negatives;
  /*
   The layers that keep their weights: bit 0 for the first.
   */
  uint8_t frozen;
  /*
   What a schedule moves: multiplies all learning rates.
   */
  float lr_scale;
  /*
   The layers' learning rate.
   */
  float learning_rate;
  /*
   Their weight decay, relative to the rate.
   */
  float weight_decay;
  /*
   The learning rate of the readout, or of a one-pass rule's label rows.
   */
  float readout_rate;
  /*
   Its weight decay.
   */
  float readout_decay;
  /*
   Of a classic rule: the strength of peer normalisation; 0 for none.
   */
  float peer;
  /*
   The probability that a unit is silenced, up to 0.99.
   */
  float dropout;
  /*
   The first layer that counts when it classifies and explains, from 0.
   */
  uint32_t first_scored_layer;
  /*
   Of the classic rules but SymBa: the goodness of a unit that divides true from wrong.
   */
  float threshold;
  /*
   The rule's temperature, of SymBa its alpha; local cross-entropy has none.
   */
  float temperature;
  /*
   Of a one-pass rule: the part of the truth that all labels share, 0 to 0.5.
   */
  float label_smoothing;
  /*
   Of a one-pass rule: what errors of wrong labels may be left out of a sample, 0 to 0.5.
   */
  float skip_error_below;
} ff_config;

/*
 A network. Its content is the library's; it must stay where it is once it has begun.
 */
typedef struct ff_network {
  uint64_t align;
  size_t words[FF_NETWORK_WORDS];
} ff_network;

/*
 What a step saw, before it changed anything.
 */
typedef struct ff_report {
  /*
   Layers.
   */
  uint32_t depth;
  /*
   Samples that were given another label than their own; -1 where the rule does not classify as it learns.
   */
  int32_t errors;
  /*
   Each layer's goodness per unit of the true label, a mean over the batch.
   */
  float positive[FF_MAX_LAYERS];
  /*
   The same of wrong labels.
   */
  float negative[FF_MAX_LAYERS];
} ff_report;

/*
 A step in slices. Its content is the library's; it must stay where it is until the step has ended.
 */
typedef struct ff_slices {
  uint64_t align;
  size_t words[FF_SLICES_WORDS];
} ff_slices;

/*
 What an explanation says beside its map: the map, the label's and the biases' share add up to the
 difference of the scores.
 */
typedef struct ff_explained {
  /*
   How far the label's score is above the others' mean.
   */
  float score;
  /*
   The same of the baseline.
   */
  float baseline_score;
  /*
   What the label's own inputs have of the difference.
   */
  float label_share;
  /*
   What the biases have of it.
   */
  float bias_share;
} ff_explained;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Goodness high for the true label and low for a wrong one; plain descent.
 */
extern const struct ff_rule FF_CLASSIC;

/*
 The same with momentum 0.9.
 */
extern const struct ff_rule FF_CLASSIC_MOMENTUM;

/*
 The same with Adam.
 */
extern const struct ff_rule FF_CLASSIC_ADAM;

/*
 The classic rule on the mean of squares.
 */
extern const struct ff_rule FF_MEAN_SQUARE;

/*
 The same with momentum 0.9.
 */
extern const struct ff_rule FF_MEAN_SQUARE_MOMENTUM;

/*
 The same with Adam.
 */
extern const struct ff_rule FF_MEAN_SQUARE_ADAM;

/*
 The classic rule on the gap between both, without a threshold.
 */
extern const struct ff_rule FF_SYMBA;

/*
 The same with momentum 0.9.
 */
extern const struct ff_rule FF_SYMBA_MOMENTUM;

/*
 The same with Adam.
 */
extern const struct ff_rule FF_SYMBA_ADAM;

/*
 The classic rule with low goodness for the true label.
 */
extern const struct ff_rule FF_MINIMISED;

/*
 The same with momentum 0.9.
 */
extern const struct ff_rule FF_MINIMISED_MOMENTUM;

/*
 The same with Adam.
 */
extern const struct ff_rule FF_MINIMISED_ADAM;

/*
 N-way goodness, in one pass; plain descent.
 */
extern const struct ff_rule FF_N_WAY;

/*
 The same with momentum 0.9.
 */
extern const struct ff_rule FF_N_WAY_MOMENTUM;

/*
 The same with Adam.
 */
extern const struct ff_rule FF_N_WAY_ADAM;

/*
 Each class has units of its own, in one pass; plain descent.
 */
extern const struct ff_rule FF_LABEL_GROUPS;

/*
 The same with momentum 0.9.
 */
extern const struct ff_rule FF_LABEL_GROUPS_MOMENTUM;

/*
 The same with Adam.
 */
extern const struct ff_rule FF_LABEL_GROUPS_ADAM;

/*
 Cross-entropy of each layer alone; plain descent.
 */
extern const struct ff_rule FF_LOCAL_CROSS_ENTROPY;

/*
 The same with momentum 0.9.
 */
extern const struct ff_rule FF_LOCAL_CROSS_ENTROPY_MOMENTUM;

/*
 The same with Adam.
 */
extern const struct ff_rule FF_LOCAL_CROSS_ENTROPY_ADAM;

/*
 What a status is called, in English.
 */
const char *ff_text(int32_t status);

/*
 A rule's usual settings, for samples that are learned one at a time; set `features`, `classes`, `depth` and
 `widths` next.

 # Safety
 `rule` is one of this header's, or null.
 */
enum ff_status ff_defaults(const struct ff_rule *rule,
                           struct ff_config *config);

/*
 How many floats of memory a network takes; 0 where the configuration is out of range.

 # Safety
 `config` is null or points to a configuration.
 */
size_t ff_floats(const struct ff_config *config);

/*
 Begins a network: draws its weights from the seed, in memory that is the network's from now on.

 # Safety
 `network` and `config` are null or point to such; `memory` is null or has `floats` floats, which nothing
 else touches while the network is used.
 */
enum ff_status ff_start(struct ff_network *network,
                        const struct ff_config *config,
                        float *memory,
                        size_t floats,
                        uint64_t seed);

/*
 Sets what a schedule moves: multiplies all learning rates from the next step on.

 # Safety
 `network` is null or points to a network that was begun, or to zeros.
 */
enum ff_status ff_set_lr_scale(struct ff_network *network, float lr_scale);

/*
 Learns from `count` samples of `features` floats, one after the other, with a label each. `report` may be
 null.

 # Safety
 As [`ff_set_lr_scale`]; `samples` and `labels` are null or have so many.
 */
enum ff_status ff_step(struct ff_network *network,
                       const float *samples,
                       const uint8_t *labels,
                       size_t count,
                       struct ff_report *report);

/*
 Begins the same step, to be done in slices by `ff_poll`. Samples and labels stay where they are until it has
 ended, and no other call takes this network meanwhile.

 # Safety
 As [`ff_step`]; `slices` is null or the caller's to write.
 */
enum ff_status ff_begin(struct ff_network *network,
                        const float *samples,
                        const uint8_t *labels,
                        size_t count,
                        struct ff_slices *slices);

/*
 Goes on for at most `budget` multiply-adds, or the rule's largest piece: `FF_PENDING` until it has ended.
 `report` may be null.

 # Safety
 `slices` is null, points to zeros, or was begun by [`ff_begin`] and is where it was.
 */
enum ff_status ff_poll(struct ff_slices *slices,
                       size_t budget,
                       struct ff_report *report);

/*
 Ends a step in slices before its end: some layers have learned and the others not.

 # Safety
 As [`ff_poll`].
 */
enum ff_status ff_abandon(struct ff_slices *slices);

/*
 Every label's score for a sample, the higher the likelier: `scores` takes one a class.

 # Safety
 As [`ff_set_lr_scale`]; `sample` has the network's features, `scores` room for its classes.
 */
enum ff_status ff_scores(struct ff_network *network, const float *sample, float *scores);

/*
 The label that the network sees in a sample. `scores` is room for one a class, and holds them.

 # Safety
 As [`ff_scores`]; `label` is null or the caller's to write.
 */
enum ff_status ff_classify(struct ff_network *network,
                           const float *sample,
                           float *scores,
                           uint8_t *label);

/*
 Which features spoke for a label against the mean of the others (above 0), and which against it (below):
 `map` takes one a feature. Of a configuration that `explains`. `explained` may be null.

 # Safety
 As [`ff_scores`]; `map` has room for the network's features.
 */
enum ff_status ff_explain(struct ff_network *network,
                          const float *sample,
                          uint8_t label,
                          float *map,
                          struct ff_explained *explained);

/*
 How many bytes a snapshot takes; 0 for a network that was not begun.

 # Safety
 As [`ff_set_lr_scale`].
 */
size_t ff_snapshot_bytes(struct ff_network *network);

/*
 Writes what was learned, with all that is needed to go on. `written` may be null.

 # Safety
 As [`ff_set_lr_scale`]; `bytes` has room for `capacity`.
 */
enum ff_status ff_save(struct ff_network *network,
                       uint8_t *bytes,
                       size_t capacity,
                       size_t *written);

/*
 Goes on from a snapshot of the same sizes and optimiser, as if it had never stopped. What is damaged is
 refused, and the network is as it was.

 # Safety
 As [`ff_set_lr_scale`]; `bytes` has `count`.
 */
enum ff_status ff_load(struct ff_network *network,
                       const uint8_t *bytes,
                       size_t count);

/*
 The CRC-32 of all that was learned; 0 for a network that was not begun.

 # Safety
 As [`ff_set_lr_scale`].
 */
uint32_t ff_checksum(struct ff_network *network);

/*
 Which of `count` samples comes at each turn of one pass: `order` takes `count` numbers, each below `count`
 once. Drawn from the network's own generator.

 # Safety
 As [`ff_set_lr_scale`]; `order` has room for `count`.
 */
enum ff_status ff_order(struct ff_network *network,
                        uint16_t *order,
                        uint16_t count);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FF_H */
