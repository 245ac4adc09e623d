// teff lab: the lectures' techniques, each measured on this machine.
#include "lab.h"

#include <fmt/format.h>

#include <algorithm>

#include "command.h"
#include "core/file.h"

namespace teff::cli {
namespace {

constexpr const Chapter* kChapters[] = {&kLabMatmul, &kLabConv, &kLabCache, &kLabRoofline, &kLabCost};

std::string contents() {
  std::string text = "The lectures' techniques, each measured on this machine and held against float64.\n\n";
  for (const Chapter* chapter : kChapters)
    text += fmt::format("  teff lab {:<9} {}\n", chapter->name, chapter->summary);
  return text +
         "\n--html FILE writes a page with a chart, --json one JSON value; docs/lab says what to look for.\n";
}

const Chapter& chapter_named(const std::string& name) {
  for (const Chapter* chapter : kChapters)
    if (chapter->name == name) return *chapter;
  throw UsageError(fmt::format("there is no chapter '{}' (teff lab lists them)", name));
}

void expect_its_options(const Chapter& chapter, const Arguments& arguments) {
  for (const Option& option : kLab.spec.options) {
    const bool common = option.name == "--json" || option.name == "--html";
    if (!common && arguments.has(option.name) && std::ranges::count(chapter.options, option.name) == 0)
      throw UsageError(fmt::format("{} has nothing to do with {}", option.name, chapter.name));
  }
}

std::string text_of(const LabReport& report) {
  std::string text = fmt::format("{}\n{}\n", report.title, report.words);
  for (const LabSection& section : report.sections) {
    Table table(section.sheet.columns);
    for (const auto& row : section.sheet.rows) table.row(row);
    text += fmt::format("\n{}\n", section.heading);
    if (!section.words.empty()) text += section.words + "\n";
    text += fmt::format("\n{}", table.text());
    if (!section.notes.empty()) text += fmt::format("\n{}\n", section.notes);
  }
  return text;
}

int run(const Arguments& arguments) {
  if (arguments.operands().empty()) {
    fmt::print("{}", contents());
    return 0;
  }
  const Chapter& chapter = chapter_named(arguments.operand(0));
  expect_its_options(chapter, arguments);
  const LabReport report = chapter.measure(arguments);
  if (const auto path = arguments.value("--html")) write_file(*path, lab_html(report));
  fmt::print("{}", arguments.has("--json") ? report.json + "\n" : text_of(report));
  return 0;
}

}  // namespace

std::string factor_text(double factor) {
  const int decimals = factor >= 99.95 ? 0 : factor >= 9.995 ? 1 : factor >= 0.095 ? 2 : 4;
  return fmt::format("{:.{}f}x", factor, decimals);
}

std::string percent_text(double share) {
  return fmt::format("{:.{}f} %", 100 * share, share < 0.0995 ? 2 : 1);
}

const Command kLab = {
    {.name = "lab",
     .operands = "[CHAPTER]",
     .summary = "the lectures' techniques, each measured on this machine",
     .options = {{"--shape", "AxBxC", "the sizes, as each chapter takes them (below)"},
                 {"--threads", "N", "use at most N threads (as many as there are processors)"},
                 {"--repeat", "N", "measure what is fast N times and take the median (5)"},
                 {"--size", "N", "roofline: the side of the matrices, and in proportion the vectors (512)"},
                 {"--rows", "N", "cost: rows of the matrix (32)"},
                 {"--columns", "N", "cost: columns of the matrix (32)"},
                 {"--words", "N", "cost: words that a small memory holds (32, 16, 8 and 4)"},
                 {"--image", "N", "cost: the side of the image (5)"},
                 {"--kernel", "N", "cost: the side of the window (3)"},
                 {"--prices", "MEM,MAC,INT",
                  "cost: what a transfer, an operation and an internal move cost (100,1,1)"},
                 {"--html", "FILE", "write a page with a chart"},
                 {"--json", "", "print one JSON value instead"}},
     .details =
         "Without CHAPTER: lists them. docs/lab says what to look for in each.\n"
         "--shape: matmul 640x12800x640 (rows, products to a sum, columns: the lecture's), cache\n"
         "32x1200x640 (the same), conv 56x56x64x64 (height, width, channels, channels of the result).\n",
     .least_operands = 0},
    run};

}  // namespace teff::cli
