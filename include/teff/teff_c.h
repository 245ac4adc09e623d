/* teff for C and for languages that call C: run a trained network on this machine.
 *
 *   teff_network *network = NULL;
 *   teff_session *session = NULL;
 *   teff_error *error = NULL;
 *   if (teff_network_load("model.tflite", NULL, &network, &error) ||
 *       teff_session_new(network, 0, &session, &error)) {
 *     fprintf(stderr, "%s\n", teff_error_message(error));
 *     teff_error_free(error);
 *     return 1;
 *   }
 *   memcpy(teff_session_input(session, 0, NULL), samples, sizeof samples);
 *   teff_session_run(session, &error);
 *   const int8_t *scores = teff_session_output(session, 0, NULL);
 *
 * What can fail returns a status, TEFF_OK or what kind of failure it was, and takes a `teff_error **error` as
 * its last argument: after a failure *error is an error with a message for people, which the caller frees;
 * after a success it is untouched. `error` may be NULL. Results handed out through pointers are NULL after a
 * failure.
 *
 * A network is immutable and may be used by any number of threads and sessions. A session is one running copy
 * with memory and state of its own, used by one thread at a time. Sessions keep what they need of their
 * network, so both may be freed in any order. Freeing NULL does nothing. Strings are UTF-8.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum teff_status {
  TEFF_OK = 0,
  TEFF_FAILED = 1, /* because of a file or of data: the message says what, where, and what would help */
  TEFF_INVALID_ARGUMENT = 2, /* a mistake of the calling program: a null pointer, threads below 0 */
  TEFF_OUT_OF_MEMORY = 3
} teff_status;

/* How the elements of a tensor are stored. */
typedef enum teff_type {
  TEFF_FLOAT32 = 0,
  TEFF_FLOAT16 = 1,
  TEFF_BFLOAT16 = 2,
  TEFF_FLOAT64 = 3,
  TEFF_INT4 = 4, /* two in a byte, the first in the lower half */
  TEFF_UINT4 = 5,
  TEFF_INT8 = 6,
  TEFF_UINT8 = 7,
  TEFF_INT16 = 8,
  TEFF_UINT16 = 9,
  TEFF_INT32 = 10,
  TEFF_UINT32 = 11,
  TEFF_INT64 = 12,
  TEFF_UINT64 = 13,
  TEFF_BOOL = 14,
  TEFF_STRING = 15,  /* carried along, never computed */
  TEFF_RESOURCE = 16 /* a handle of a variable */
} teff_type;

typedef struct teff_error teff_error;
typedef struct teff_network teff_network;
typedef struct teff_session teff_session;

/* What is known of an input, an output, or the result of an operator. Everything it points to belongs to the
 * network and lives as long as it does. */
typedef struct teff_tensor {
  const char* name;
  teff_type type;
  const int64_t* shape; /* `rank` extents, the slowest first; may be NULL where rank is 0 */
  size_t rank;
  /* real = scale * (stored - zero_point): one of each, one for each index of axis `channel_axis`, or none
   * where the tensor is not quantized. */
  const float* scales;
  const int64_t* zero_points;
  size_t scale_count;
  int32_t channel_axis;
  size_t bytes;   /* of the whole tensor */
  int32_t number; /* in the file it came from; -1: none */
} teff_tensor;

/* The shape of an input, by its name, in place of the one in the file. */
typedef struct teff_input_shape {
  const char* name;
  const int64_t* shape;
  size_t rank;
} teff_input_shape;

/* All zero, or NULL where options are asked for, is what most want. */
typedef struct teff_load_options {
  int no_fuse; /* not 0: every operator of the file runs as it stands, for comparing with other engines */
  const teff_input_shape* shapes;
  size_t shape_count;
} teff_load_options;

/* The release, as "1.2.3". */
const char* teff_version(void);

/* "float32", "int8", ...: the words of numpy and TFLite; "unknown" for a number that is no type. */
const char* teff_type_name(teff_type type);

/* Loads a model from a file. */
teff_status teff_network_load(const char* path, const teff_load_options* options, teff_network** network,
                              teff_error** error);

/* The same from memory, which is copied. `name` is what errors call the model. */
teff_status teff_network_parse(const void* data, size_t size, const char* name,
                               const teff_load_options* options, teff_network** network, teff_error** error);

void teff_network_free(teff_network* network);

size_t teff_network_input_count(const teff_network* network);
size_t teff_network_output_count(const teff_network* network);

/* NULL where there is no such input or output. */
const teff_tensor* teff_network_input(const teff_network* network, size_t index);
const teff_tensor* teff_network_output(const teff_network* network, size_t index);

/* Bytes that a session takes for intermediate results on one thread. */
int64_t teff_network_working_memory(const teff_network* network);

/* A session on at most `threads` threads, 0: as many as there are processors. Results do not depend on it.
 * Once it is made nothing is allocated any more. */
teff_status teff_session_new(const teff_network* network, int32_t threads, teff_session** session,
                             teff_error** error);

void teff_session_free(teff_session* session);

/* An input's memory, to be filled before each run: a run may leave anything in it. Its size goes to *bytes
 * where `bytes` is not NULL. The memory stays in its place as long as the session lives. NULL where there is
 * no such input. */
void* teff_session_input(teff_session* session, size_t index, size_t* bytes);

/* An output's memory, valid until the next run; otherwise as above. */
const void* teff_session_output(const teff_session* session, size_t index, size_t* bytes);

teff_status teff_session_run(teff_session* session, teff_error** error);

/* 1 after a run that gave results. 0 where there was none yet, and where a streaming network needs more input
 * before it gives one (CIRCULAR_BUFFER); its outputs are unspecified then. */
int32_t teff_session_has_result(const teff_session* session);

/* Called after an operator has run: its place in the file's list of operators, its name there, its first
 * result. All of it is valid during the call only. */
typedef void (*teff_observer)(void* context, int32_t index, const char* name, const teff_tensor* output,
                              const void* data);

/* Runs and calls `observer` after every operator whose result the file knows. */
teff_status teff_session_run_observed(teff_session* session, teff_observer observer, void* context,
                                      teff_error** error);

/* Forgets state that is kept from run to run (streaming models). */
teff_status teff_session_reset(teff_session* session, teff_error** error);

/* What went wrong; valid until the error is freed. */
const char* teff_error_message(const teff_error* error);

void teff_error_free(teff_error* error);

#ifdef __cplusplus
}
#endif
