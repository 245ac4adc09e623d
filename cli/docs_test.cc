// What is written about teff: commands and files that are named exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

#include "command.h"

namespace teff::cli {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TEFF_ROOT;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> pages() {
  std::vector<fs::path> found{kRoot / "README.md", kRoot / "CHANGELOG.md"};
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / "docs"))
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  return found;
}

// The first group of every match.
std::vector<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator m(text.begin(), text.end(), regex), end; m != end; ++m) found.push_back((*m)[1]);
  return found;
}

// The names in main.cc's table are those of files: each command has one of its own.
bool is_command(const std::string& name) { return fs::exists(kRoot / "cli" / (name + ".cc")); }

bool has_option(const std::string& command, const std::string& option) {
  return text_of(kRoot / "cli" / (command + ".cc")).find("{\"" + option + "\"") != std::string::npos;
}

TEST(Docs, CommandsAndTheirOptionsExist) {
  for (const fs::path& page : pages())
    for (const std::string& line :
         matches(text_of(page), R"((?:    |`|\$ )teff ((?:[a-z]+)(?: [^\n`]*)?))")) {
      std::istringstream words(line);
      std::string command;
      words >> command;
      EXPECT_TRUE(is_command(command)) << page << ": teff " << line;
      for (const std::string& option : matches(line, "(--[a-z]+(?:-[a-z]+)*)"))
        EXPECT_TRUE(option == "--help" || option == "--json" || has_option(command, option))
            << page << ": teff " << line << ": no " << option;
    }
}

TEST(Docs, LinksLeadSomewhere) {
  for (const fs::path& page : pages())
    for (const std::string& link : matches(text_of(page), R"(\]\(([A-Za-z0-9_./-]+)\))"))
      EXPECT_TRUE(fs::exists(page.parent_path() / link)) << page << ": " << link;
}

TEST(Docs, FilesOfTheTreeExist) {
  for (const fs::path& page : pages())
    for (const std::string& file :
         matches(text_of(page), R"(`((?:src|cli|tests|docs|models|examples)/[a-z0-9_/.-]+)`)"))
      EXPECT_TRUE(fs::exists(kRoot / file)) << page << ": " << file;
}

std::vector<std::string> trimmed_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos) lines.push_back(line.substr(first));
  }
  return lines;
}

// The code that the page about operators shows is the code in the tree.
TEST(Docs, TheCodeThatIsShownStandsInTheTree) {
  std::set<std::string> tree;
  for (const char* folder : {"src", "tests/conformance", "tests/float64"})
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / folder))
      if (entry.is_regular_file() && std::regex_match(entry.path().string(), std::regex(R"(.*\.(h|cc|inc))")))
        for (const std::string& line : trimmed_lines(text_of(entry.path()))) tree.insert(line);
  const std::string page = text_of(kRoot / "docs/adding-an-operator.md");
  size_t shown = 0;
  for (const std::string& block : matches(page, R"(```c(?:pp)?\n([^`]*)```)"))
    for (const std::string& line : trimmed_lines(block)) {
      const std::string code = line.substr(0, line.find("  //"));
      EXPECT_TRUE(tree.contains(line) || tree.contains(code)) << line;
      ++shown;
    }
  EXPECT_GT(shown, 30u);
}

// --- what commands are said to print ---

struct Shown {
  std::string command;  // what follows "$ teff "
  std::vector<std::string> lines;
};

// The indented blocks of a page that begin with a command.
std::vector<Shown> shown_in(const std::string& page) {
  std::vector<Shown> all;
  bool open = false;
  std::istringstream stream(page);
  for (std::string line; std::getline(stream, line);) {
    open = open && line.starts_with("    ");
    if (line.starts_with("    $ teff ")) {
      all.push_back({line.substr(11), {}}), open = true;
    } else if (open) {
      all.back().lines.push_back(line.substr(4));
    } else if (line.empty() && !all.empty()) {
      open = !all.back().lines.empty();  // a table may have an empty line in it
    }
  }
  return all;
}

std::string printed_by(const std::string& command_line) {
  std::istringstream stream(command_line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word.starts_with("models/") ? (kRoot / word).string() : word);
  std::vector<const char*> rest;
  for (size_t i = 1; i < words.size(); ++i) rest.push_back(words[i].c_str());
  for (const Command* command : {&kInspect, &kRun, &kCompare, &kConvert})
    if (command->spec.name == words.at(0)) {
      testing::internal::CaptureStdout();
      command->run(Arguments(command->spec, rest));
      std::fflush(stdout);
      return testing::internal::GetCapturedStdout();
    }
  return "";
}

// Commands on the network that teff carries, apart from times and from what the plan makes of memory.
TEST(Docs, CommandsPrintWhatIsShown) {
  const fs::path before = fs::current_path(), folder = fs::path(testing::TempDir()) / "teff_docs_test";
  fs::create_directories(folder);
  fs::current_path(folder);
  size_t compared = 0;
  for (const Shown& shown : shown_in(text_of(kRoot / "docs/getting-started.md"))) {
    const bool constant = shown.command.find(" fashion") != std::string::npos;
    if (!constant || shown.command.starts_with("bench")) continue;
    const std::string printed = printed_by(shown.command);
    for (const std::string& line : shown.lines) {
      if (line == "..." || line.find(" kB") != std::string::npos) continue;
      EXPECT_THAT(printed, testing::HasSubstr(line)) << "teff " << shown.command;
      ++compared;
    }
  }
  EXPECT_GT(compared, 10u);
  fs::current_path(before);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace teff::cli
