// What is written about teff: commands and files that are named exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

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
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot / "docs"))
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
  for (const char* folder : {"src", "tests/conformance"})
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

}  // namespace
}  // namespace teff::cli
