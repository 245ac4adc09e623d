/* The C interface, used from C99: the embedded network gives its recorded answers, and mistakes give errors.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <teff/teff_c.h>

#define MODEL TEFF_ROOT "/models/fashion/fashion.tflite"

enum { kPixels = 28 * 28, kClasses = 10, kSamples = 40 };

static int failures = 0;

#define EXPECT(condition)                                                       \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                               \
    }                                                                           \
  } while (0)

/* The bytes of a file in models/fashion, to be freed. */
static unsigned char* fashion(const char* name, size_t size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/models/fashion/%s", TEFF_ROOT, name);
  FILE* file = fopen(path, "rb");
  unsigned char* bytes = malloc(size);
  if (!file || !bytes || fread(bytes, 1, size, file) != size) {
    fprintf(stderr, "%s cannot be read\n", path);
    exit(1);
  }
  fclose(file);
  return bytes;
}

static teff_network* load(const teff_load_options* options) {
  teff_network* network = NULL;
  teff_error* error = NULL;
  if (teff_network_load(MODEL, options, &network, &error) != TEFF_OK) {
    fprintf(stderr, "%s\n", teff_error_message(error));
    exit(1);
  }
  return network;
}

static teff_session* session_of(const teff_network* network, int threads) {
  teff_session* session = NULL;
  EXPECT(teff_session_new(network, threads, &session, NULL) == TEFF_OK);
  if (!session) exit(1);
  return session;
}

/* After a failure: its message contains `words`. Frees the error. */
static void expect_error(teff_error* error, const char* words) {
  EXPECT(error != NULL);
  if (error && !strstr(teff_error_message(error), words)) {
    fprintf(stderr, "'%s' does not contain '%s'\n", teff_error_message(error), words);
    ++failures;
  }
  teff_error_free(error);
}

static void gives_the_recorded_answers(void) {
  unsigned char* samples = fashion("samples.bin", kSamples * (1 + kPixels));
  unsigned char* outputs = fashion("outputs.bin", kSamples * kClasses);
  teff_network* network = load(NULL);
  teff_session* session = session_of(network, 2);
  teff_network_free(network); /* a session keeps what it needs */
  for (int s = 0; s < kSamples; ++s) {
    size_t bytes = 0;
    int8_t* input = teff_session_input(session, 0, &bytes);
    EXPECT(bytes == kPixels);
    for (int i = 0; i < kPixels; ++i) input[i] = (int8_t)(samples[s * (1 + kPixels) + 1 + i] - 128);
    EXPECT(teff_session_run(session, NULL) == TEFF_OK);
    const void* answer = teff_session_output(session, 0, &bytes);
    EXPECT(bytes == kClasses);
    EXPECT(memcmp(answer, outputs + s * kClasses, kClasses) == 0);
  }
  teff_session_free(session);
  free(samples);
  free(outputs);
}

static void tells_inputs_and_outputs(void) {
  teff_network* network = load(NULL);
  EXPECT(teff_network_input_count(network) == 1 && teff_network_output_count(network) == 1);
  const teff_tensor *input = teff_network_input(network, 0), *output = teff_network_output(network, 0);
  EXPECT(strcmp(input->name, "image") == 0);
  EXPECT(input->type == TEFF_INT8 && strcmp(teff_type_name(input->type), "int8") == 0);
  EXPECT(input->rank == 4 && input->shape[0] == 1 && input->shape[1] == 28 && input->shape[3] == 1);
  EXPECT(input->bytes == kPixels);
  EXPECT(output->rank == 2 && output->shape[1] == kClasses);
  EXPECT(output->scale_count == 1 && output->scales[0] == 1.0f / 256 && output->zero_points[0] == -128);
  EXPECT(teff_network_input(network, 1) == NULL && teff_network_output(network, 7) == NULL);
  EXPECT(teff_network_working_memory(network) > kPixels);
  teff_network_free(network);
}

static void loads_from_memory_with_other_shapes(void) {
  const size_t size = 63056;
  unsigned char* file = fashion("fashion.tflite", size);
  const int64_t shape[] = {3, 28, 28, 1};
  const teff_input_shape shapes[] = {{"image", shape, 4}};
  const teff_load_options options = {0, shapes, 1};
  teff_network* network = NULL;
  EXPECT(teff_network_parse(file, size, "fashion", &options, &network, NULL) == TEFF_OK);
  free(file); /* was copied */
  EXPECT(network && teff_network_output(network, 0)->shape[0] == 3);
  teff_network_free(network);
}

struct seen {
  int count, last;
  size_t bytes;
};

static void see(void* context, int32_t index, const char* name, const teff_tensor* output, const void* data) {
  struct seen* seen = context;
  EXPECT(index == seen->last + 1);
  EXPECT(name[0] != '\0' && data != NULL);
  seen->last = index;
  seen->count += 1;
  seen->bytes = output->bytes;
}

static void shows_every_operator(void) {
  const teff_load_options options = {1, NULL, 0};
  teff_network* network = load(&options);
  teff_session* session = session_of(network, 1);
  struct seen seen = {0, -1, 0};
  EXPECT(teff_session_run_observed(session, see, &seen, NULL) == TEFF_OK);
  EXPECT(seen.count > 10);
  EXPECT(seen.bytes == kClasses);
  EXPECT(teff_session_reset(session, NULL) == TEFF_OK);
  teff_session_free(session);
  teff_network_free(network);
}

static void what_fails_says_why(void) {
  teff_network* network = (teff_network*)&failures;
  teff_error* error = NULL;
  EXPECT(teff_network_load("/nowhere/x.tflite", NULL, &network, &error) == TEFF_FAILED);
  EXPECT(network == NULL);
  expect_error(error, "/nowhere/x.tflite: ");

  error = NULL;
  EXPECT(teff_network_parse("no model", 8, "noise", NULL, &network, &error) == TEFF_FAILED);
  expect_error(error, "noise: ");
  EXPECT(teff_network_parse("no model", 8, "noise", NULL, &network, NULL) == TEFF_FAILED);

  const int64_t extent = 1;
  const teff_input_shape wrong = {"voice", &extent, 1};
  const teff_load_options options = {0, &wrong, 1};
  error = NULL;
  EXPECT(teff_network_load(MODEL, &options, &network, &error) == TEFF_FAILED);
  expect_error(error, "'voice'");
}

static void mistakes_are_told(void) {
  teff_network* network = NULL;
  teff_session* session = NULL;
  teff_error* error = NULL;
  EXPECT(teff_network_load(NULL, NULL, &network, &error) == TEFF_INVALID_ARGUMENT);
  expect_error(error, "path is NULL");
  EXPECT(teff_network_load(MODEL, NULL, NULL, NULL) == TEFF_INVALID_ARGUMENT);
  EXPECT(teff_session_new(NULL, 0, &session, NULL) == TEFF_INVALID_ARGUMENT);
  EXPECT(teff_session_run(NULL, NULL) == TEFF_INVALID_ARGUMENT);

  network = load(NULL);
  error = NULL;
  EXPECT(teff_session_new(network, -1, &session, &error) == TEFF_INVALID_ARGUMENT);
  expect_error(error, "threads");
  session = session_of(network, 1);
  EXPECT(teff_session_run_observed(session, NULL, NULL, NULL) == TEFF_INVALID_ARGUMENT);
  size_t bytes = 1;
  EXPECT(teff_session_input(session, 1, &bytes) == NULL && bytes == 0);
  EXPECT(teff_session_output(session, 1, NULL) == NULL);
  teff_session_free(session);
  teff_network_free(network);
}

static void freeing_nothing_is_fine(void) {
  teff_network_free(NULL);
  teff_session_free(NULL);
  teff_error_free(NULL);
  EXPECT(strcmp(teff_error_message(NULL), "") == 0);
}

/* The network keeps its last inputs and gives them in every third run. */
static void tells_where_a_stream_needs_more(void) {
  teff_network* network = NULL;
  EXPECT(teff_network_load(TEFF_ROOT "/tests/corpus/model/circular_buffer_waits.tflite", NULL, &network,
                           NULL) == TEFF_OK);
  if (!network) return;
  teff_session* session = session_of(network, 1);
  EXPECT(!teff_session_has_result(session));
  for (int run = 1; run <= 6; ++run) {
    EXPECT(teff_session_run(session, NULL) == TEFF_OK);
    EXPECT(teff_session_has_result(session) == (run % 3 == 0));
  }
  EXPECT(teff_session_reset(session, NULL) == TEFF_OK && !teff_session_has_result(session));
  EXPECT(!teff_session_has_result(NULL));
  teff_session_free(session);
  teff_network_free(network);
}

int main(void) {
  gives_the_recorded_answers();
  tells_inputs_and_outputs();
  loads_from_memory_with_other_shapes();
  shows_every_operator();
  what_fails_says_why();
  mistakes_are_told();
  tells_where_a_stream_needs_more();
  freeing_nothing_is_fine();
  EXPECT(strcmp(teff_type_name((teff_type)(TEFF_RESOURCE + 1)), "unknown") == 0);
  EXPECT(teff_version()[0] >= '0' && teff_version()[0] <= '9');
  return failures > 0;
}
