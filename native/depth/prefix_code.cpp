#include "depth/prefix_code.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace nearfar::depth {
namespace {

constexpr std::size_t deepest = 64;  // of a tree over 32-bit frequencies

// Symbols that get codes, the rarest first: those that occur, and others where these are fewer than two.
std::vector<std::size_t> occurring(const std::vector<std::uint32_t>& frequencies) {
    std::vector<std::size_t> symbols;
    for (std::size_t symbol = 0; symbol < frequencies.size(); ++symbol) {
        if (frequencies[symbol] > 0) symbols.push_back(symbol);
    }
    for (std::size_t symbol = 0; symbols.size() < 2; ++symbol) {
        if (frequencies[symbol] == 0) symbols.push_back(symbol);
    }
    std::stable_sort(symbols.begin(), symbols.end(),
                     [&](std::size_t a, std::size_t b) { return frequencies[a] < frequencies[b]; });
    return symbols;
}

// How many leaves of a Huffman tree are at each depth; `weights` rise.
std::vector<std::size_t> counted_depths(const std::vector<std::uint64_t>& weights) {
    const std::size_t leaves = weights.size();
    std::vector<std::uint64_t> inner(leaves - 1);
    std::vector<std::size_t> parent(2 * leaves - 1);  // leaves, then inner nodes: each made after its children
    std::size_t leaf = 0, node = 0;
    for (std::size_t made = 0; made + 1 < leaves; ++made) {
        for (int child = 0; child < 2; ++child) {
            const bool take_leaf = leaf < leaves && (node == made || weights[leaf] <= inner[node]);
            inner[made] += take_leaf ? weights[leaf] : inner[node];
            parent[take_leaf ? leaf++ : leaves + node++] = leaves + made;
        }
    }
    std::vector<std::size_t> depth(2 * leaves - 1);
    std::vector<std::size_t> counts(deepest + 1);
    for (std::size_t at = 2 * leaves - 2; at-- > 0;) {
        depth[at] = depth[parent[at]] + 1;
        if (at < leaves) ++counts[std::min(depth[at], deepest)];
    }
    return counts;
}

// Holds depths to `longest`: what is deeper comes up to it, and others go down until there is room for all.
void limit_depths(std::vector<std::size_t>& counts, unsigned longest) {
    std::size_t taken = 0;  // of the room for codes of the longest length
    for (std::size_t depth = 1; depth < counts.size(); ++depth) {
        if (depth > longest) counts[longest] += std::exchange(counts[depth], 0);
    }
    for (std::size_t depth = 1; depth <= longest; ++depth) taken += counts[depth] << (longest - depth);
    for (; taken > std::size_t{1} << longest; --taken) {
        std::size_t shorter = longest - 1;
        while (counts[shorter] == 0) --shorter;
        --counts[shorter];
        counts[shorter + 1] += 2;
        --counts[longest];
    }
}

std::uint16_t reversed(std::uint32_t code, std::size_t length) {
    std::uint32_t turned = 0;
    for (std::size_t bit = 0; bit < length; ++bit) turned = turned << 1 | (code >> bit & 1);
    return static_cast<std::uint16_t>(turned);
}

}  // namespace

PrefixCode prefix_code(const std::vector<std::uint32_t>& frequencies, unsigned longest) {
    const std::vector<std::size_t> symbols = occurring(frequencies);
    std::vector<std::uint64_t> weights(symbols.size());
    std::transform(symbols.begin(), symbols.end(), weights.begin(),
                   [&](std::size_t symbol) { return std::max<std::uint64_t>(frequencies[symbol], 1); });
    std::vector<std::size_t> counts = counted_depths(weights);
    limit_depths(counts, longest);

    PrefixCode made{std::vector<std::uint8_t>(frequencies.size()), std::vector<std::uint16_t>(frequencies.size())};
    auto rarest = symbols.begin();
    for (std::size_t length = longest; length > 0; --length) {
        for (std::size_t n = 0; n < counts[length]; ++n) made.lengths[*rarest++] = static_cast<std::uint8_t>(length);
    }
    std::uint32_t code = 0;
    for (std::size_t length = 1; length <= longest; ++length, code <<= 1) {
        for (std::size_t symbol = 0; symbol < frequencies.size(); ++symbol) {
            if (made.lengths[symbol] == length) made.codes[symbol] = reversed(code++, length);
        }
    }
    return made;
}

}  // namespace nearfar::depth
