/* A network that a host has trained, for programs in C. Made by `{{ command }}`; do not edit it.
 *
 * Learned from {{ dataset }} by `{{ recipe }}`: {{ shape }}.
 * Link the library of bindings/c. The network lives in {{ upper }}_FLOATS floats of the program's own:
 *
 *   static float memory[{{ upper }}_FLOATS];
 *   static ff_network network;
 *   {{ name }}_start(&network, memory);
 *   {{ name }}_features(pixels, features);
 *   ff_classify(&network, features, scores, &label);
 *
 * It goes on learning by ff_step, by the same rule and at that rule's usual rate. */
#ifndef {{ upper }}_H
#define {{ upper }}_H

#include "ff.h"

enum {
  {{ upper }}_PIXELS = {{ width * height }}, /* {{ height }} rows of {{ width }}, each from 0 to {{ maximum }} */
  {{ upper }}_FEATURES = {{ features }},
  {{ upper }}_CLASSES = {{ classes }},
  {{ upper }}_FLOATS = {{ floats }}
};

static const uint8_t {{ name }}_snapshot[{{ snapshot.len() }}] = {
{%- for line in snapshot.chunks(24) %}
  {% for byte in line %}{{ byte }},{% endfor %}
{%- endfor %}
};

/* Begins the network with what it has learned. */
static inline ff_status {{ name }}_start(ff_network *network, float *memory) {
  ff_config config;
  ff_status status = ff_defaults(&{{ rule }}, &config);
  if (status != FF_STATUS_OK) return status;
  config.features = {{ features }};
  config.classes = {{ classes }};
  config.depth = {{ widths.len() }};
{%- for width in widths %}
  config.widths[{{ loop.index0 }}] = {{ width }};
{%- endfor %}
  config.read_layers = {{ read_layers }};
  config.first_scored_layer = {{ first_scored_layer }};
  config.threshold = {{ "{:?}f"|format(threshold) }};
  config.temperature = {{ "{:?}f"|format(temperature) }};
  config.label_smoothing = {{ "{:?}f"|format(label_smoothing) }};
  config.skip_error_below = {{ "{:?}f"|format(skip_error_below) }};
  status = ff_start(network, &config, memory, {{ upper }}_FLOATS, 1);
  return status == FF_STATUS_OK ? ff_load(network, {{ name }}_snapshot, sizeof {{ name }}_snapshot) : status;
}

/* Turns an image into features, as the host did. */
static inline void {{ name }}_features(const uint8_t *pixels, float *features) {
  const float scale = 1.0f / {{ maximum }}.0f;
{%- if pool == 1 %}
  for (int pixel = 0; pixel < {{ upper }}_PIXELS; pixel++) features[pixel] = (float)pixels[pixel] * scale;
{%- else %}
  /* The mean of each square cell. */
  for (int cell = 0; cell < {{ upper }}_FEATURES; cell++) {
    const uint8_t *corner = pixels + cell / {{ width / pool }} * {{ pool * width }} + cell % {{ width / pool }} * {{ pool }};
    float sum = 0.0f;
    for (int line = 0; line < {{ pool }}; line++) {
      for (int column = 0; column < {{ pool }}; column++) sum += (float)corner[line * {{ width }} + column] * scale;
    }
    features[cell] = sum * (1.0f / {{ pool * pool }}.0f);
  }
{%- endif %}
}

#endif
