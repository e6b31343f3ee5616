// The header in C++: it compiles, and its names are C's.
#include "ff.h"

ff_status begin(ff_network &network, float *memory, size_t floats) {
  ff_config config{};
  ff_status status = ff_defaults(&FF_N_WAY, &config);
  config.features = 17;
  config.classes = 4;
  config.depth = 1;
  config.widths[0] = 24;
  return status == FF_STATUS_OK ? ff_start(&network, &config, memory, floats, 1) : status;
}
