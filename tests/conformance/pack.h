// Cases and the answers of another engine as files, many to a file; oracle.py reads and writes the same.
//
// OP.cases and OP.answers are sequences of records of little-endian 32-bit numbers and blobs (a length, then
// that many bytes):
//   case:   index, calls, model (a TFLite file), number of inputs, a blob each
//   answer: index, status, then when ran: number of outputs, a blob each; otherwise: a message
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/bytes.h"

namespace teff::conformance {

struct PackedCase {
  uint32_t index = 0, calls = 1;
  Bytes model;
  std::vector<Bytes> inputs;
};

// ran_elsewhere: TFLite Micro refused it, but LiteRT's reference kernels did not.
enum class Status : uint32_t { ran = 0, refused = 1, crashed = 2, ran_elsewhere = 3 };
struct Answer {
  uint32_t index = 0;
  Status status = Status::ran;
  bool has_outputs() const { return status == Status::ran || status == Status::ran_elsewhere; }
  std::string message;
  std::vector<Bytes> outputs;  // the calls' bytes one after another
};

std::vector<std::byte> packed(const std::vector<PackedCase>& cases);
std::vector<std::byte> packed(const std::vector<Answer>& answers);

// Throw Error where the bytes end too early.
std::vector<PackedCase> read_cases(const Bytes& file);
std::vector<Answer> read_answers(const Bytes& file);

// Operators with their cases and answers in one file, compressed: what ./test replays.
struct Recorded {
  std::string op;
  double tolerance = 0;
  std::vector<PackedCase> cases;
  std::vector<Answer> answers;  // one for each case, all of them with outputs
};
std::vector<std::byte> compressed(const std::vector<Recorded>& operators);
std::vector<Recorded> read_recorded(const Bytes& file);

}  // namespace teff::conformance
