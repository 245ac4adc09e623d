// classify MODEL PIXELS: which class an int8 network gives to a picture (raw bytes, 0 black to 255 white).
#include <teff/teff.h>

#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: classify MODEL PIXELS\n";
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const std::vector<char> pixels{std::istreambuf_iterator<char>(file), {}};

  const teff::Network network = teff::Network::load(argv[1]);
  teff::Session session(network);
  const std::span<int8_t> input = session.input<int8_t>();
  if (pixels.size() != input.size())
    throw std::runtime_error("the network takes " + std::to_string(input.size()) + " pixels");
  std::ranges::transform(pixels, input.begin(), [](char pixel) { return static_cast<uint8_t>(pixel) - 128; });
  session.run();

  const std::span<const int8_t> scores = session.output<int8_t>();
  const auto best = std::ranges::max_element(scores);
  const teff::TensorInfo& output = network.outputs()[0];
  const float probability = output.scales.at(0) * static_cast<float>(*best - output.zero_points.at(0));
  std::cout << "class " << best - scores.begin() << ", probability " << probability << "\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
