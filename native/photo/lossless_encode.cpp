#include <bit>

#include "core/interrupt.hpp"
#include "photo/huffman.hpp"
#include "photo/lossless_jpeg.hpp"
#include "photo/predict.hpp"

namespace nearfar::photo {
namespace {

constexpr int precision = 16;

// Calls visit(difference mod 2^16, as −32768..32767) for every sample.
template <class Visit>
void each_difference(const std::uint16_t* samples, std::size_t height, std::size_t width, int predictor,
                     const Visit& visit) {
    with_predictor(predictor, [&]<int p>() {
        const std::uint16_t* above = nullptr;
        for (std::size_t y = 0; y < height; ++y) {
            const std::uint16_t* row = samples + y * width;
            visit(static_cast<std::int16_t>(row[0] - (above != nullptr ? above[0] : 1 << (precision - 1))));
            for (std::size_t x = 1; x < width; ++x) {
                const int guess = above != nullptr ? predict<p>(row[x - 1], above[x], above[x - 1]) : row[x - 1];
                visit(static_cast<std::int16_t>(row[x] - guess));
            }
            above = row;
            poll_interrupt();
        }
    });
}

// The number of bits of |difference|: 16 for −32768 alone (T.81 table H.2).
std::size_t category_of(std::int16_t difference) noexcept {
    const int value = difference;
    return static_cast<std::size_t>(std::bit_width(static_cast<unsigned>(value < 0 ? -value : value)));
}

class Writer {
public:
    void byte(std::size_t value) { bytes.push_back(static_cast<std::uint8_t>(value)); }
    void word(std::size_t value) {
        byte(value >> 8);
        byte(value & 0xFF);
    }
    // At most 32 bits at once.
    void bits(std::uint64_t value, int count) {
        held_ = held_ << count | value;
        held_bits_ += count;
        while (held_bits_ >= 8) {
            held_bits_ -= 8;
            const auto next = static_cast<std::uint8_t>(held_ >> held_bits_);
            bytes.push_back(next);
            if (next == 0xFF) bytes.push_back(0);  // stuffing
        }
    }
    void flush() {
        if (held_bits_ > 0) bits((1U << (8 - held_bits_)) - 1, 8 - held_bits_);
    }

    std::vector<std::uint8_t> bytes;

private:
    std::uint64_t held_ = 0;
    int held_bits_ = 0;
};

void write_headers(Writer& out, std::size_t height, std::size_t width, int predictor, const HuffmanSpec& spec) {
    out.word(0xFFD8);
    out.word(0xFFC3);
    out.word(11);
    out.byte(precision);
    out.word(height);
    out.word(width);
    out.byte(1);      // one component:
    out.byte(1);      // its id
    out.byte(0x11);   // not subsampled
    out.byte(0);      // no quantisation table
    out.word(0xFFC4);
    out.word(2 + 17 + spec.symbols.size());
    out.byte(0);
    for (const std::uint8_t count : spec.counts) out.byte(count);
    for (const std::uint8_t symbol : spec.symbols) out.byte(symbol);
    out.word(0xFFDA);
    out.word(8);
    out.byte(1);
    out.byte(1);
    out.byte(0);
    out.byte(static_cast<std::size_t>(predictor));
    out.byte(0);
    out.byte(0);  // no point transform
}

}  // namespace

std::vector<std::uint8_t> encode_lossless_jpeg(const std::uint16_t* samples, std::size_t height, std::size_t width,
                                               int predictor) {
    std::array<std::uint64_t, categories> frequencies{};
    each_difference(samples, height, width, predictor,
                    [&](std::int16_t difference) { ++frequencies[category_of(difference)]; });
    const HuffmanSpec spec = optimal_code(frequencies);
    const HuffmanCodes codes = assign_codes(spec);
    Writer out;
    out.bytes.reserve(height * width + 1024);
    write_headers(out, height, width, predictor, spec);
    each_difference(samples, height, width, predictor, [&](std::int16_t difference) {
        const std::size_t category = category_of(difference);
        const int extra = category == 16 ? 0 : static_cast<int>(category);
        const int value = difference < 0 ? difference - 1 : difference;  // negative: ones' complement
        const std::uint64_t low = static_cast<std::uint64_t>(static_cast<unsigned>(value) & ((1U << extra) - 1));
        out.bits(static_cast<std::uint64_t>(codes.code[category]) << extra | low, codes.length[category] + extra);
    });
    out.flush();
    out.word(0xFFD9);
    return std::move(out.bytes);
}

}  // namespace nearfar::photo
