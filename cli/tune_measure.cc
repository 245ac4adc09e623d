#include "tune_measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/crc32.h"
#include "core/error.h"
#include "core/file.h"
#include "emit/c_headers.h"
#include "plan/node_runs.h"
#include "plan/rows.h"
#include "process.h"
#include "serial.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kLoadSeconds = 300;

std::string cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) return std::string(cache) + "/teff";
  if (const char* home = std::getenv("HOME"); home && *home) return std::string(home) + "/.cache/teff";
  return "";
}

// Other compilers make other code.
uint32_t compiler_version(const Target& target) {
  const std::string compiler(target.core->compiler);
  if (!has_program(compiler)) return 0;
  const std::string said = run_process({compiler, "--version"}, ".", 10).out;
  return crc32(std::as_bytes(std::span(said)));
}

// Two checksums of all that is compiled, from either end: a name that no other program of a network has.
std::string name_of(const Compilation& compilation) {
  uint32_t forward = static_cast<uint32_t>(compilation.emit_for), backward = forward;
  const auto& files = compilation.emitted.files;
  for (const EmittedFile& file : files) forward = crc32(std::as_bytes(std::span(file.text)), forward);
  for (auto file = files.rbegin(); file != files.rend(); ++file)
    backward = crc32(std::as_bytes(std::span(file->text)), backward);
  return fmt::format("{:08x}{:08x}", forward, backward);
}

std::ostream& operator<<(std::ostream& to, const Counted& c) {
  return to << ' ' << c.instructions << ' ' << c.loads << ' ' << c.stores;
}
std::istream& operator>>(std::istream& from, Counted& c) {
  return from >> c.instructions >> c.loads >> c.stores;
}

bool overlap(const Plan& plan, const Step& step, int a, int b) {
  const auto range = [&](int operand) {
    const PlannedTensor& tensor =
        plan.tensors[static_cast<size_t>(step.operands[static_cast<size_t>(operand)].index)];
    return std::pair(tensor.location.offset, tensor.location.offset + tensor.bytes);
  };
  const auto [a_begin, a_end] = range(a);
  const auto [b_begin, b_end] = range(b);
  return a_begin < b_end && b_begin < a_end;
}

// Formulas are for steps whose result lies where it costs least.
bool pays_for_overlap(const Plan& plan, const NodeRuns& node) {
  const auto rows = row_step(*node.step);
  return rows && rows->apart_gain > 0 && node.runs.size() == 1 &&
         overlap(plan, *node.step, rows->inputs[0].operand, rows->output);
}

}  // namespace

Measurer::Measurer(const Target& target, std::span<const std::byte> model, std::optional<SerialBoard> board)
    : target_(target), board_(std::move(board)) {
  const std::string folder = cache_folder();
  if (folder.empty()) return;
  file_ = fmt::format("{}/{}{}-{:08x}-{:08x}.txt", folder, board_ ? "board-" : "", target.name,
                      CHeaders::kernels().version() ^ compiler_version(target), crc32(model));
  read();
}

// A line that was cut off is as if it were not there.
void Measurer::read() {
  std::ifstream lines(file_);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, end;
    Measurement m;
    size_t layers = 0;
    words >> name >> m.total >> m.sram >> m.stack >> m.flash >> layers;
    for (Counted c; words && m.layers.size() < layers && words >> c;) m.layers.push_back(c);
    if (words >> end && end == "." && m.layers.size() == layers) known_[name] = std::move(m);
  }
}

void Measurer::keep(const std::string& name, const Measurement& m) {
  known_[name] = m;
  if (file_.empty()) return;
  make_directories(fs::path(file_).parent_path().string());
  std::ofstream file(file_, std::ios::app);
  file << name << m.total << ' ' << m.sram << ' ' << m.stack << ' ' << m.flash << ' ' << m.layers.size();
  for (const Counted& c : m.layers) file << c;
  file << " .\n";
  check(file.flush().good(), "{}: cannot be written", file_);
}

bool Measurer::knows(const Compilation& compilation) const { return known_.contains(name_of(compilation)); }

Measurement Measurer::measure(const Compilation& compilation) {
  const std::string name = name_of(compilation);
  if (const auto known = known_.find(name); known != known_.end()) return known->second;
  const Measurement measurement = board_ ? on_board(compilation) : on_emulator(compilation);
  ++measured_;
  keep(name, measurement);
  return measurement;
}

Measurement Measurer::on_emulator(const Compilation& compilation) const {
  const Measured m = cli::measure(compilation.emitted, target_, compilation.emit_for);
  check(m.crc_ok, "the machine computes something else than the host: {}", m.difference);
  check(m.counted, "nothing can be counted on {}", target_.name);
  return {.total = m.total, .layers = m.layers, .sram = m.sram, .stack = m.stack, .flash = m.flash_total};
}

Measurement Measurer::on_board(const Compilation& compilation) const {
  TemporaryDirectory folder;
  write_files(compilation.emitted.files, folder.path());
  const Finished loaded = run_process({board_->load, folder.path()}, ".", kLoadSeconds);
  check(loaded.in_time, "{} has not ended after {} s", board_->load, kLoadSeconds);
  check(loaded.status == 0, "{} failed ({}):\n{}{}", board_->load, loaded.status, loaded.out, loaded.err);
  const BoardTimes times = time_board(board_->device, board_->baud, std::chrono::seconds(board_->seconds));
  const size_t layers = compilation.emitted.layers.size();
  check(times.layers.size() == layers, "{}: the board times {} layers, the network has {}", board_->device,
        times.layers.size(), layers);
  Measurement m{.total = {.instructions = times.total},
                .layers = {},
                .sram = compilation.emitted.arena_bytes,
                .flash = compilation.emitted.constant_bytes};
  for (int64_t cycles : times.layers) m.layers.push_back({.instructions = cycles});
  return m;
}

std::vector<CostSample> samples_of(const Compilation& compilation, const Measurement& measurement) {
  const Plan& plan = compilation.program->plans.front();
  const auto& layers = compilation.emitted.layers;
  std::vector<CostSample> samples;
  for (NodeRuns& node : runs_of_nodes(plan)) {
    if (pays_for_overlap(plan, node)) continue;
    for (size_t i = 0; i < layers.size() && i < measurement.layers.size(); ++i) {
      if (layers[i].node != node.step->node) continue;
      const Counted& c = measurement.layers[i];
      samples.push_back({node.step,
                         std::move(node.runs),
                         layers[i].own_code,
                         {static_cast<double>(c.instructions), static_cast<double>(c.loads),
                          static_cast<double>(c.stores)}});
      break;
    }
  }
  return samples;
}

}  // namespace teff::cli
