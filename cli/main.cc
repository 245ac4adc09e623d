// teff: one program, a sub-command for each thing it does.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string_view>

#include "command.h"
#include "teff/version.h"

namespace teff::cli {
namespace {

constexpr const Command* kCommands[] = {&kDemo,    &kInspect, &kCheck,   &kRun,  &kBench, &kEvaluate,
                                        &kCompare, &kConvert, &kCompile, &kTune, &kLab,   &kOperators};

std::string overview() {
  std::string text = "teff: deep learning for small machines\n\nusage: teff COMMAND ...\n\n";
  for (const Command* command : kCommands) {
    const auto& spec = command->spec;
    text += fmt::format("  {:<32} {}\n", fmt::format("{} {}", spec.name, spec.operands), spec.summary);
  }
  text +=
      "\nMODEL is a .tflite file, or 'fashion': the small network that the program carries.\n"
      "teff COMMAND --help says more. Exit codes: 0 done, 1 error, 2 wrong usage.\n";
  return text;
}

const Command* find(std::string_view name) {
  for (const Command* command : kCommands)
    if (command->spec.name == name) return command;
  return nullptr;
}

int run(const Command& command, std::span<const char* const> words) {
  try {
    const Arguments arguments(command.spec, words);
    if (!arguments.help()) return command.run(arguments);
    fmt::print("{}", help_text(command.spec));
    return 0;
  } catch (const UsageError& error) {
    fmt::print(stderr, "teff {}: {}\n(teff {} --help says what it takes)\n", command.spec.name, error.what(),
               command.spec.name);
    return 2;
  }
}

int main(std::span<const char* const> words) {
  const std::string_view name = words.empty() ? "" : words[0];
  const bool asks = name == "--help" || name == "-h" || name == "help";
  if (asks && words.size() > 1 && find(words[1])) {
    fmt::print("{}", help_text(find(words[1])->spec));
    return 0;
  }
  if (asks) {
    fmt::print("{}", overview());
    return 0;
  }
  if (name == "--version") {
    fmt::print("teff {}\n", TEFF_VERSION);
    return 0;
  }
  const Command* command = find(name);
  if (command) return run(*command, words.subspan(1));
  if (name.empty())
    fmt::print(stderr, "{}", overview());
  else
    fmt::print(stderr, "teff: there is no command '{}' (teff --help lists them)\n", name);
  return 2;
}

}  // namespace

std::span<const Command* const> commands() { return kCommands; }

}  // namespace teff::cli

int main(int argc, char** argv) {
  try {
    return teff::cli::main({argv + (argc > 0), argv + argc});
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "teff: out of memory\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "teff: {}\n", error.what());
  }
  return 1;
}
