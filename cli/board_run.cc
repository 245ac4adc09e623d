#include "board_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include "core/error.h"
#include "core/file.h"
#include "emit/c_headers.h"
#include "process.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kCompileSeconds = 120, kRunSeconds = 300;

const EmbeddedText kBoardFiles[] = {
#include "board_files.inc"
};

// An emulated machine: where its memory is.
struct Machine {
  std::string_view emulator, name;
  std::string_view entry;
  uint32_t vectors, code, code_bytes, data, data_bytes;
  bool mpu7;
};
constexpr Machine kAn386{"qemu-system-arm", "mps2-an386", "board_start", 0,   0x400,
                         0x3ffc00,          0x21000000,   0x1000000,     true};
constexpr Machine kAn500{"qemu-system-arm", "mps2-an500", "board_start", 0,   0x400,
                         0x3ffc00,          0x60000000,   0x1000000,     true};
constexpr Machine kAn547{"qemu-system-arm", "mps3-an547", "board_start", 0,    0x60000000,
                         0x1000000,         0x61000000,   0x1000000,     false};
constexpr Machine kVirt{"qemu-system-riscv32",
                        "virt",
                        "board_entry",
                        0x80000000,
                        0x80000400,
                        0xfffc00,
                        0x81000000,
                        0x1000000,
                        false};

// The machine that runs a core's code: an emulator has not every core, but each of these runs its
// predecessors' code.
const Machine& machine_of(const Core& core) {
  if (core.name == "cortex-m7") return kAn500;
  if (core.name == "cortex-m0plus" || core.name == "cortex-m4") return kAn386;
  if (core.name == "riscv32") return kVirt;
  return kAn547;
}

struct Tool {
  std::string program, package;
};

std::vector<Tool> tools_of(const Target& target) {
  if (target.core->name == "host") return {{"cc", "gcc"}};
  if (target.core->name == "riscv32")
    return {{"riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf"},
            {"qemu-system-riscv32", "qemu-system-misc"}};
  return {{"arm-none-eabi-gcc", "gcc-arm-none-eabi"}, {"qemu-system-arm", "qemu-system-arm"}};
}

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// The beginning of what a tool said: the rest follows from it.
std::string said(const Finished& finished) {
  constexpr size_t kMost = 2000;
  const std::string text = finished.err.empty() ? finished.out : finished.err;
  return text.size() > kMost ? text.substr(0, kMost) + "..." : text;
}

std::string plugin() {
  const std::string here = program_directory();
  for (const std::string& path : {here + "/libteff_count.so", here + "/../lib/teff/libteff_count.so",
                                  here + "/../lib64/teff/libteff_count.so"})
    if (fs::exists(path)) return path;
  fail("the instruction counter libteff_count.so is neither beside the program nor in ../lib/teff");
}

// One network being built and run in a folder of its own.
class Bench {
 public:
  struct Result {
    std::vector<std::pair<std::string, int64_t>> lines;
    std::vector<Counted> counts;
    std::vector<int64_t> all(const std::string& key) const {
      std::vector<int64_t> values;
      for (const auto& [name, value] : lines)
        if (name == key) values.push_back(value);
      return values;
    }
    int64_t last(const std::string& key, int64_t otherwise) const {
      const auto values = all(key);
      return values.empty() ? otherwise : values.back();
    }
  };

  Bench(const Emitted& emitted, const Target& target, EmitFor optimize)
      : emitted_(emitted), target_(target), optimize_(optimize) {
    write_files(emitted.files, folder_.path());
    for (const EmbeddedText& file : kBoardFiles)
      write_file(path(std::string(file.name)), std::string(file.text));
    make_directories(path("shim"));
    fs::rename(path("math_shim.h"), path("shim/math.h"));
  }

  Measured run() {
    Measured measured;
    const Result first = count(measured);
    compile(emitted_.name + ".c", "model_hooked.o", {"-DTEFF_HOOKED"});
    const std::string hooked = link("layers", true);
    const auto second = emulate(hooked, counted_places(hooked));
    read_layers(second, first, measured);
    return measured;
  }

  void link_alone(Measured& measured) {
    compile(emitted_.name + ".c", "model.o", {});
    compile(emitted_.name + "_weights.c", "weights.o", {});
    measure_flash(measured);
  }

  // Without hooks, as an application has it: returns what the machine printed.
  Result count(Measured& measured) {
    link_alone(measured);
    const std::string plain = link("measure", false);
    Result result = emulate(plain, counted_places(plain));
    read_totals(result, measured);
    return result;
  }

  // On this computer: only whether it computes the same.
  Measured run_here() {
    Measured measured;
    const std::string program = path("self_test");
    std::vector<std::string> command = compiler_command();
    for (const char* word : {"-DTEFF_HOOKED", "test/test.c"}) command.emplace_back(word);
    for (const std::string& word :
         {emitted_.name + ".c", emitted_.name + "_weights.c", std::string("-o"), program, std::string("-lm")})
      command.push_back(word);
    run_tool(command);
    const Finished finished = run_process({program}, folder_.path(), kRunSeconds);
    check(finished.in_time, "the self-test has not ended after {} s", kRunSeconds);
    measured.crc_ok = finished.status == 0;
    if (!measured.crc_ok) measured.difference = finished.out.empty() ? said(finished) : finished.out;
    measured.sram = emitted_.arena_bytes;
    return measured;
  }

 private:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  bool is_riscv() const { return target_.core->name == "riscv32"; }

  void run_tool(const std::vector<std::string>& command) const {
    const Finished finished = run_process(command, folder_.path(), kCompileSeconds);
    check(finished.in_time, "{} has not ended after {} s", command[0], kCompileSeconds);
    check(finished.status == 0, "{} failed:\n{}", command[0], said(finished));
  }

  std::vector<std::string> compiler_command() const {
    std::vector<std::string> command{std::string(target_.core->compiler)};
    for (const std::string& flag : words_of(target_.core->flags)) command.push_back(flag);
    for (const char* flag : {"-std=c99", "-Wall", "-Wextra", "-pedantic", "-ffp-contract=off",
                             "-ffunction-sections", "-fdata-sections", "-I."})
      command.emplace_back(flag);
    command.emplace_back(optimize_ == EmitFor::flash ? "-Os" : "-O2");
    // Debian's compiler comes without a C library.
    if (is_riscv()) command.insert(command.end(), {"-ffreestanding", "-isystem", "shim"});
    return command;
  }

  void compile(const std::string& source, const std::string& object,
               const std::vector<std::string>& flags) const {
    std::vector<std::string> command = compiler_command();
    command.insert(command.end(), flags.begin(), flags.end());
    for (const std::string& word : {std::string("-c"), source, std::string("-o"), object})
      command.push_back(word);
    run_tool(command);
  }

  std::vector<std::string> libraries() const {
    if (is_riscv()) return {"-nostdlib", "memory.o", "-lgcc"};
    return {"--specs=nano.specs", "-lm", "-lc", "-lgcc"};
  }

  // The network alone: what an application that calls it gets into its flash.
  void measure_flash(Measured& measured) const {
    std::vector<std::string> command{std::string(target_.core->compiler)};
    for (const std::string& flag : words_of(target_.core->flags)) command.push_back(flag);
    for (const std::string& word :
         {std::string("-nostartfiles"), std::string("-Wl,--gc-sections"),
          "-Wl,-e," + emitted_.name + "_invoke", "-Wl,-u," + emitted_.name + "_init",
          std::string("-Wl,--defsym=__aeabi_unwind_cpp_pr0=0"), std::string("model.o"),
          std::string("weights.o"), std::string("-o"), std::string("flash.elf")})
      if (word.find("_init") == std::string::npos || emitted_.state_bytes > 0) command.push_back(word);
    if (is_riscv())
      compile("memory.c", "memory.o", {"-O2", "-fno-builtin", "-fno-tree-loop-distribute-patterns"});
    for (const std::string& word : libraries()) command.push_back(word);
    run_tool(command);
    const Finished sizes = run_process({tool("size"), "-A", "flash.elf"}, folder_.path(), kCompileSeconds);
    std::istringstream lines(sizes.out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      std::string section;
      int64_t bytes = 0;
      if (!(fields >> section >> bytes) || bytes == 0) continue;
      const bool kept = section.starts_with(".text") || section.starts_with(".rodata") ||
                        section.starts_with(".data") || section.starts_with(".srodata") ||
                        section.starts_with(".sdata");
      if (!kept) continue;
      measured.flash.emplace_back(section, bytes);
      measured.flash_total += bytes;
    }
  }

  std::string tool(const std::string& name) const {
    return replaced(std::string(target_.core->compiler), "gcc", name);
  }

  std::string link(const std::string& name, bool hooked) const {
    const Machine& machine = machine_of(*target_.core);
    std::string script;
    for (const EmbeddedText& file : kBoardFiles)
      if (file.name == "link.ld") script = file.text;
    const auto fill = [&](const char* key, uint32_t value) {
      script = replaced(script, key, fmt::format("{:#x}", value));
    };
    script = replaced(script, "@ENTRY@", std::string(machine.entry));
    fill("@VECTORS@", machine.vectors), fill("@CODE@", machine.code),
        fill("@CODE_BYTES@", machine.code_bytes);
    fill("@DATA@", machine.data), fill("@DATA_BYTES@", machine.data_bytes);
    write_file(path("filled.ld"), script);
    std::vector<std::string> flags{"-Itest", "-std=gnu99", "-Wno-pedantic", "-O2"};
    if (machine.mpu7) flags.emplace_back("-DBOARD_MPU7");
    compile("board.c", "board.o", flags);
    if (hooked) flags.emplace_back("-DTEFF_HOOKED");
    compile("measure.c", name + ".o", flags);
    std::vector<std::string> command{std::string(target_.core->compiler)};
    for (const std::string& flag : words_of(target_.core->flags)) command.push_back(flag);
    for (const std::string& word :
         {std::string("-nostartfiles"), std::string("-Tfilled.ld"), std::string("-Wl,--gc-sections"),
          std::string("board.o"), name + ".o", std::string(hooked ? "model_hooked.o" : "model.o"),
          std::string("weights.o"), std::string("-o"), name + ".elf"})
      command.push_back(word);
    for (const std::string& word : libraries()) command.push_back(word);
    run_tool(command);
    return name + ".elf";
  }

  std::string address_of(const std::string& program, const std::string& symbol) const {
    const auto address = find_address(program, symbol);
    check(address.has_value(), "{} is not in the program", symbol);
    return *address;
  }

  std::optional<std::string> find_address(const std::string& program, const std::string& symbol) const {
    const Finished symbols = run_process({tool("nm"), program}, folder_.path(), kCompileSeconds);
    std::istringstream lines(symbols.out);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      std::string address, kind, name;
      if (fields >> address >> kind >> name && name == symbol) return "0x" + address;
    }
    return {};
  }

  std::vector<std::string> counted_places(const std::string& program) const {
    std::vector<std::string> places{"open=" + address_of(program, emitted_.name + "_invoke"),
                                    "close=" + address_of(program, "board_after")};
    // Not in a program that never pauses.
    if (const auto open = find_address(program, "board_open")) places.push_back("open=" + *open);
    if (const auto close = find_address(program, "board_close")) places.push_back("close=" + *close);
    return places;
  }

  Result emulate(const std::string& program, const std::vector<std::string>& places) const {
    const Machine& machine = machine_of(*target_.core);
    std::string counter = plugin();
    for (const std::string& place : places) counter += "," + place;
    std::vector<std::string> command{std::string(machine.emulator), "-M", std::string(machine.name)};
    for (const char* word :
         {"-display", "none", "-serial", "none", "-monitor", "none", "-parallel", "none", "-chardev",
          "stdio,id=out", "-semihosting-config", "enable=on,target=native,chardev=out", "-d", "plugin", "-D",
          "counts.txt", "-plugin"})
      command.emplace_back(word);
    command.push_back(counter);
    if (is_riscv()) command.insert(command.end(), {"-bios", "none", "-m", "64M"});
    command.insert(command.end(), {"-kernel", program});
    const Finished finished = run_process(command, folder_.path(), kRunSeconds);
    check(finished.in_time, "the emulated {} has not ended after {} s", machine.name, kRunSeconds);
    Result result = read_lines(finished.out);
    check(finished.status <= 1, "the emulated {} stopped: {}{}", machine.name, finished.out, said(finished));
    std::istringstream counts(map_text(path("counts.txt")));
    std::string word;
    Counted counted;
    while (counts >> word >> counted.instructions >> counted.loads >> counted.stores)
      result.counts.push_back(counted);
    return result;
  }

  static std::string map_text(const std::string& path) {
    const Bytes bytes = map_file(path);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  static Result read_lines(const std::string& text) {
    Result result;
    std::istringstream lines(text);
    std::string key;
    int64_t value = 0;
    while (lines >> key >> value) result.lines.emplace_back(key, value);
    return result;
  }

  void read_totals(const Result& result, Measured& measured) const {
    if (const auto beyond = result.all("beyond"); !beyond.empty())
      fail("the network wrote at byte {} of an arena of {}", beyond[0], emitted_.arena_bytes);
    if (const auto fault = result.all("fault"); !fault.empty())
      fail("the network returned fault {}", fault[0]);
    check(result.all("rows").empty(), "the network did not ask for every row of its input once");
    check(result.counts.size() >= 2, "the emulator counted nothing");
    measured.counted = true;
    // The same call twice; in several pieces where the application delivers rows on the way.
    for (size_t i = 0; i < result.counts.size() / 2; ++i) measured.total += result.counts[i];
    measured.sram = result.last("arena_highest", -1) - result.last("arena_lowest", 0) + 1;
    measured.stack = result.last("stack", 0);
    measured.guarded = result.last("guarded", 0) != 0;
  }

  void read_layers(const Result& result, const Result& plain, Measured& measured) const {
    measured.layers.resize(emitted_.layers.size());
    if (const auto differs = result.all("differs"); !differs.empty()) {
      const EmittedLayer& layer = emitted_.layers[static_cast<size_t>(differs[0])];
      measured.difference = fmt::format("seed {}: layer {} ({} {}) differs", result.last("seed", 0),
                                        differs[0], layer.name, layer.shape);
      return;
    }
    const auto layers = result.all("layer");
    for (size_t i = 0; i < layers.size() && i < result.counts.size(); ++i)
      measured.layers[static_cast<size_t>(layers[i])] += result.counts[i];
    // The build without hooks is another program: its results have to be the same.
    const auto outputs = result.all("outputs"), without = plain.all("outputs");
    measured.crc_ok =
        !outputs.empty() && without.size() == 2 && without[0] == outputs[0] && without[1] == outputs[0];
    if (!measured.crc_ok) measured.difference = "without hooks the network computes something else";
  }

  const Emitted& emitted_;
  const Target& target_;
  EmitFor optimize_;
  TemporaryDirectory folder_;
};

}  // namespace

std::string missing_tools(const Target& target) {
  for (const Tool& tool : tools_of(target))
    if (!has_program(tool.program))
      return fmt::format("there is no {} here: install Debian's package {}", tool.program, tool.package);
  return "";
}

Measured measure(const Emitted& emitted, const Target& target, EmitFor optimize) {
  const std::string missing = missing_tools(target);
  check(missing.empty(), "--run: {}", missing);
  Bench bench(emitted, target, optimize);
  return target.core->name == "host" ? bench.run_here() : bench.run();
}

std::optional<int64_t> linked_flash(const Emitted& emitted, const Target& target, EmitFor optimize) {
  if (target.core->name == "host" || !has_program(std::string(target.core->compiler))) return {};
  Measured measured;
  Bench(emitted, target, optimize).link_alone(measured);
  return measured.flash_total;
}

Measured count(const Emitted& emitted, const Target& target, EmitFor optimize) {
  const std::string missing = missing_tools(target);
  check(missing.empty() && target.core->name != "host", "nothing can be counted: {}",
        missing.empty() ? "this computer has no counter" : missing);
  Measured measured;
  Bench(emitted, target, optimize).count(measured);
  return measured;
}

void write_files(const std::vector<EmittedFile>& files, const std::string& directory) {
  for (const EmittedFile& file : files) {
    const fs::path path = fs::path(directory) / file.path;
    make_directories(path.parent_path().string());
    write_file(path.string(), file.text);
  }
}

}  // namespace teff::cli
