/* classify MODEL PIXELS: which class an int8 network gives to a picture (raw bytes, 0 black to 255 white). */
#include <stdio.h>
#include <teff/teff_c.h>

static int failed(teff_error* error) {
  fprintf(stderr, "%s\n", teff_error_message(error));
  teff_error_free(error);
  return 1;
}

int main(int argc, char** argv) {
  teff_network* network = NULL;
  teff_session* session = NULL;
  teff_error* error = NULL;
  FILE* file = argc == 3 ? fopen(argv[2], "rb") : NULL;
  if (!file) return fprintf(stderr, "usage: classify MODEL PIXELS\n"), 2;
  if (teff_network_load(argv[1], NULL, &network, &error)) return failed(error);
  if (teff_session_new(network, 0, &session, &error)) return failed(error);

  size_t pixels = 0, classes = 0, best = 0;
  int8_t* input = teff_session_input(session, 0, &pixels);
  if (fread(input, 1, pixels, file) != pixels) return fprintf(stderr, "too few pixels\n"), 1;
  for (size_t i = 0; i < pixels; ++i) input[i] = (int8_t)((uint8_t)input[i] - 128);
  if (teff_session_run(session, &error)) return failed(error);

  const int8_t* scores = teff_session_output(session, 0, &classes);
  for (size_t i = 1; i < classes; ++i)
    if (scores[i] > scores[best]) best = i;
  const teff_tensor* output = teff_network_output(network, 0);
  printf("class %zu, probability %g\n", best,
         output->scales[0] * (float)(scores[best] - output->zero_points[0]));

  fclose(file);
  teff_session_free(session);
  teff_network_free(network);
  return 0;
}
