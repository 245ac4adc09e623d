/* A plugin of QEMU (plugin interface 1) that counts instructions, loads and stores between places of a
 * program:
 *
 *     qemu-system-arm ... -plugin libteff_count.so,open=0x...,close=0x... -d plugin -D FILE
 *
 * From the instruction at an `open` address on, it included, up to that at a `close` address, it not
 * included; both may be given several times. At every `close` that ends a count a line "count INSTRUCTIONS
 * LOADS STORES" is written. An instruction that reads or writes several words counts as so many loads or
 * stores, whatever pieces the emulator takes them in.
 *
 * QEMU loads this file into itself: what is declared here stands there. */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct qemu_info_t qemu_info_t;
typedef void (*OnTranslation)(qemu_plugin_id_t id, struct qemu_plugin_tb* block);
typedef void (*OnExecution)(unsigned int processor, void* user);
typedef void (*OnAccess)(unsigned int processor, uint32_t info, uint64_t address, void* user);
enum { kNoRegisters = 0, kReadsAndWrites = 3, kAdd = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, OnTranslation callback);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* block, size_t i);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* instruction);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn* instruction, OnExecution callback,
                                            int registers, void* user);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn* instruction, int operation,
                                                void* counter, uint64_t amount);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* instruction, OnAccess callback, int registers,
                                      int reads_or_writes, void* user);
bool qemu_plugin_mem_is_store(uint32_t info);
unsigned int qemu_plugin_mem_size_shift(uint32_t info);
void qemu_plugin_outs(const char* text);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

typedef struct Counts {
  uint64_t instructions, loads, stores;
} Counts;

enum { kMostPlaces = 8 };
static uint64_t opens[kMostPlaces], closes[kMostPlaces];
static size_t open_places, close_places;
static Counts all, at_open;
static bool counting;

static bool is_one_of(uint64_t address, const uint64_t* places, size_t count) {
  for (size_t i = 0; i < count; ++i)
    if (places[i] == address) return true;
  return false;
}

/* What one instruction has accessed so far: vectors come byte by byte. */
typedef struct Accesses {
  uint64_t count, bytes;
} Accesses;
static Accesses reads, writes;
static uint64_t accessing; /* which instruction, by number */

static uint64_t words_of(Accesses* accesses) {
  const uint64_t words = accesses->count > 1 ? (accesses->bytes + 3) / 4 : accesses->count;
  accesses->count = accesses->bytes = 0;
  return words;
}

static void settle(void) {
  all.loads += words_of(&reads);
  all.stores += words_of(&writes);
}

/* Not an inline counter for each of both: QEMU 7.2 takes one for the other. */
static void on_access(unsigned int processor, uint32_t info, uint64_t address, void* user) {
  (void)processor, (void)address, (void)user;
  if (accessing != all.instructions) settle();
  accessing = all.instructions;
  Accesses* accesses = qemu_plugin_mem_is_store(info) ? &writes : &reads;
  ++accesses->count;
  accesses->bytes += UINT64_C(1) << qemu_plugin_mem_size_shift(info);
}

static void on_open(unsigned int processor, void* user) {
  (void)processor, (void)user;
  settle();
  counting = true;
  at_open = all;
}

static void on_close(unsigned int processor, void* user) {
  (void)processor, (void)user;
  if (!counting) return;
  settle();
  counting = false;
  char line[128];
  snprintf(line, sizeof line, "count %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
           all.instructions - at_open.instructions, all.loads - at_open.loads, all.stores - at_open.stores);
  qemu_plugin_outs(line);
}

/* The callbacks of an instruction come before the counters that it adds to. */
static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  const size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < count; ++i) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    const uint64_t address = qemu_plugin_insn_vaddr(instruction);
    if (is_one_of(address, closes, close_places))
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_close, kNoRegisters, NULL);
    if (is_one_of(address, opens, open_places))
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_open, kNoRegisters, NULL);
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, kAdd, &all.instructions, 1);
    qemu_plugin_register_vcpu_mem_cb(instruction, on_access, kNoRegisters, kReadsAndWrites, NULL);
  }
}

static bool add_place(const char* argument, const char* name, uint64_t* places, size_t* count) {
  const size_t length = strlen(name);
  if (strncmp(argument, name, length) != 0 || *count == kMostPlaces) return false;
  places[(*count)++] = strtoull(argument + length, NULL, 0) & ~UINT64_C(1);
  return true;
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info,
                                                               int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (add_place(argv[i], "open=", opens, &open_places) ||
        add_place(argv[i], "close=", closes, &close_places))
      continue;
    fprintf(stderr, "teff_count: no such argument: %s\n", argv[i]);
    return -1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}
