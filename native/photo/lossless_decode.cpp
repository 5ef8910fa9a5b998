#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/interrupt.hpp"
#include "photo/huffman.hpp"
#include "photo/lossless_jpeg.hpp"
#include "photo/predict.hpp"

namespace nearfar::photo {
namespace {

[[noreturn]] void refuse(const std::string& what, std::size_t offset) {
    throw std::invalid_argument("lossless JPEG: " + what + " (at byte " + std::to_string(offset) + ")");
}

// The stream with a position; every read is checked.
class Bytes {
public:
    Bytes(const std::uint8_t* data, std::size_t length) : data_(data), length_(length) {}

    std::size_t position() const noexcept { return position_; }
    std::size_t left() const noexcept { return length_ - position_; }
    const std::uint8_t* here() const noexcept { return data_ + position_; }

    int byte() {
        if (left() < 1) refuse("the stream ends early", position_);
        return data_[position_++];
    }
    int word() {
        const int high = byte();
        return high << 8 | byte();
    }
    void skip(std::size_t count) {
        if (left() < count) refuse("a segment runs past the end of the stream", position_);
        position_ += count;
    }
    // A view of the segment that begins with its own length here; moves on behind it.
    Bytes segment() {
        const std::size_t start = position_;
        const int length = word();
        if (length < 2) refuse("a segment has length " + std::to_string(length), start);
        const std::size_t begin = position_;
        skip(static_cast<std::size_t>(length) - 2);
        Bytes view(data_, position_);
        view.position_ = begin;
        return view;
    }

private:
    const std::uint8_t* data_;
    std::size_t length_;
    std::size_t position_ = 0;
};

std::uint64_t big_endian(const std::uint8_t* at) noexcept {
#if defined(__GNUC__)
    if constexpr (std::endian::native == std::endian::little) {
        std::uint64_t value;
        std::memcpy(&value, at, sizeof value);
        return __builtin_bswap64(value);
    }
#endif
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | at[i];
    return value;
}

// The bits between two markers, stuffing removed, with room to read 64 bits anywhere.
class Bits {
public:
    // Takes bytes up to the next marker or the end.
    void load(Bytes& from) {
        bytes_.clear();
        begin_ = from.position();
        position_ = 0;
        while (from.left() > 0) {
            const std::uint8_t* start = from.here();
            const void* found = std::memchr(start, 0xFF, from.left());
            std::size_t run = from.left();
            if (found != nullptr) run = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - start);
            bytes_.insert(bytes_.end(), start, start + run);
            from.skip(run);
            if (from.left() < 2 || from.here()[1] != 0) break;
            bytes_.push_back(0xFF);
            from.skip(2);
        }
        end_ = bytes_.size() * 8;
        bytes_.resize(bytes_.size() + 9);
    }
    std::size_t begin() const noexcept { return begin_; }
    bool overrun() const noexcept { return position_ > end_; }
    void take(int count) noexcept {
        position_ = std::min(position_ + static_cast<std::size_t>(count), end_ + 1);  // one beyond the end: overrun
    }

    // At least 57 bits, first bit on top; zeros beyond the end.
    std::uint64_t window() const noexcept {
        const std::uint8_t* at = bytes_.data() + position_ / 8;
        return big_endian(at) << (position_ % 8);
    }

private:
    std::vector<std::uint8_t> bytes_;
    std::size_t begin_ = 0;
    std::size_t position_ = 0;  // in bits
    std::size_t end_ = 0;       // in bits
};

struct Frame {
    LosslessPicture picture;
    int component = 0;
    bool seen = false;
};

struct Scan {
    int table = 0;
    int predictor = 1;
    int point_transform = 0;
};

const char* process_name(int marker) noexcept {
    switch (marker) {
        case 0xC0: return "baseline (SOF0)";
        case 0xC1: return "extended (SOF1)";
        case 0xC2: return "progressive (SOF2)";
        case 0xCB: return "lossless arithmetic (SOF11)";
        case 0xF7: return "JPEG-LS (SOF55)";
        default: return "neither lossless nor known";
    }
}

bool is_frame_header(int marker) noexcept {
    return marker == 0xF7 || (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC);
}

void read_frame(Bytes segment, Frame& frame, std::size_t length, std::uint64_t max_pixels) {
    const std::size_t start = segment.position();
    if (frame.seen) refuse("a second frame header", start);
    frame.seen = true;
    LosslessPicture& picture = frame.picture;
    picture.precision = segment.byte();
    picture.height = static_cast<std::size_t>(segment.word());
    picture.width = static_cast<std::size_t>(segment.word());
    const int components = segment.byte();
    const std::string size = std::to_string(picture.width) + "x" + std::to_string(picture.height);
    if (picture.precision < 2 || picture.precision > 16) {
        refuse("precision " + std::to_string(picture.precision) + " is not in 2..16", start);
    }
    if (components != 1) refuse(std::to_string(components) + " components; only one is supported", start + 5);
    if (picture.width == 0 || picture.height == 0) refuse("the size " + size + " is empty", start + 1);
    const std::uint64_t pixels = static_cast<std::uint64_t>(picture.width) * picture.height;
    if (pixels > max_pixels) {
        refuse("the size " + size + " is over the limit of " + std::to_string(max_pixels) + " pixels", start + 1);
    }
    if (pixels > static_cast<std::uint64_t>(length) * 8) {  // a sample takes a bit at least
        refuse("the size " + size + " can't come from " + std::to_string(length) + " bytes", start + 1);
    }
    frame.component = segment.byte();
}

void read_tables(Bytes segment, std::array<HuffmanDecoder, 4>& tables) {
    while (segment.left() > 0) {
        const std::size_t start = segment.position();
        const int target = segment.byte();
        HuffmanSpec spec;
        std::size_t total = 0;
        for (std::uint8_t& count : spec.counts) {
            count = static_cast<std::uint8_t>(segment.byte());
            total += count;
        }
        if (segment.left() < total) refuse("a Huffman table runs past its segment", start);
        spec.symbols.assign(segment.here(), segment.here() + total);
        segment.skip(total);
        if ((target & 15) > 3 || target >> 4 > 1) refuse("Huffman table " + std::to_string(target), start);
        if (target >> 4 == 1) continue;  // an AC table: lossless coding has no use for it
        try {
            tables[static_cast<std::size_t>(target & 15)] = HuffmanDecoder(spec);
        } catch (const std::invalid_argument& error) {
            refuse(error.what(), start);
        }
    }
}

Scan read_scan(Bytes segment, const Frame& frame) {
    const std::size_t start = segment.position();
    if (!frame.seen) refuse("a scan before the frame header", start);
    const int components = segment.byte();
    if (components != 1) refuse("a scan of " + std::to_string(components) + " components", start);
    if (segment.byte() != frame.component) refuse("the scan is of an unknown component", start + 1);
    Scan scan;
    scan.table = segment.byte() >> 4;
    scan.predictor = segment.byte();
    segment.skip(1);  // Se: of no meaning here
    scan.point_transform = segment.byte() & 15;
    if (scan.table > 3) refuse("Huffman table " + std::to_string(scan.table), start + 2);
    if (scan.predictor < 1 || scan.predictor > 7) {
        refuse("predictor " + std::to_string(scan.predictor) + " is not in 1..7", start + 3);
    }
    if (scan.point_transform >= frame.picture.precision) {
        refuse("point transform " + std::to_string(scan.point_transform) + " leaves no bits", start + 5);
    }
    return scan;
}

// The next difference; `good` becomes false past the end and for unknown codes.
inline int next_difference(Bits& bits, const HuffmanDecoder& table, bool& good) noexcept {
    const HuffmanDecoder::Difference difference = table.decode(bits.window());
    good = good && difference.bits != 0;
    bits.take(difference.bits);
    return difference.value;
}

// One row; `above` is null in the first row after a restart. Returns all samples or-ed together.
template <int predictor>
unsigned read_row(Bits& bits, const HuffmanDecoder& table, const std::uint16_t* above, std::uint16_t* row,
                  std::size_t width, int first, bool& good) noexcept {
    int left = ((above != nullptr ? above[0] : first) + next_difference(bits, table, good)) & 0xFFFF;
    auto seen = static_cast<unsigned>(left);
    row[0] = static_cast<std::uint16_t>(left);
    for (std::size_t x = 1; x < width; ++x) {
        const int guess = above != nullptr ? predict<predictor>(left, above[x], above[x - 1]) : left;
        left = (guess + next_difference(bits, table, good)) & 0xFFFF;
        row[x] = static_cast<std::uint16_t>(left);
        seen |= static_cast<unsigned>(left);
    }
    return seen;
}

// Moves over the restart marker RSTn, fill bytes before it allowed.
void pass_restart(Bytes& stream, int index) {
    const std::size_t start = stream.position();
    if (stream.byte() != 0xFF) refuse("a restart marker is missing", start);
    int marker = stream.byte();
    while (marker == 0xFF) marker = stream.byte();
    if (marker != 0xD0 + index) refuse("restart marker " + std::to_string(index) + " is missing", start);
}

void decode_scan(Bytes& stream, const Scan& scan, const HuffmanDecoder& table, std::size_t restart_interval,
                 LosslessPicture& picture) {
    const std::size_t width = picture.width;
    if (!table.defined()) refuse("Huffman table " + std::to_string(scan.table) + " is not defined", stream.position());
    if (restart_interval % width != 0) refuse("the restart interval is no whole number of rows", stream.position());
    const std::size_t restart_rows = restart_interval == 0 ? picture.height : restart_interval / width;
    const int depth = picture.precision - scan.point_transform;
    picture.samples.resize(width * picture.height);
    Bits bits;
    with_predictor(scan.predictor, [&]<int predictor>() {
        const std::uint16_t* above = nullptr;
        int restarts = 0;
        for (std::size_t y = 0; y < picture.height; ++y) {
            if (y % restart_rows == 0) {
                if (y > 0) pass_restart(stream, restarts++ % 8);
                bits.load(stream);
                above = nullptr;
            }
            std::uint16_t* row = picture.samples.data() + y * width;
            bool good = true;
            const unsigned seen = read_row<predictor>(bits, table, above, row, width, 1 << (depth - 1), good);
            if (!good || bits.overrun()) {
                refuse("row " + std::to_string(y) + " breaks off or holds an unknown code", bits.begin());
            }
            if (seen >> depth != 0) refuse("row " + std::to_string(y) + " exceeds the precision", bits.begin());
            above = row;
            poll_interrupt();
        }
    });
    if (scan.point_transform > 0) {
        for (std::uint16_t& sample : picture.samples) {
            sample = static_cast<std::uint16_t>(sample << scan.point_transform);
        }
    }
}

}  // namespace

LosslessPicture decode_lossless_jpeg(const std::uint8_t* data, std::size_t length, std::uint64_t max_pixels) {
    Bytes stream(data, length);
    if (length < 2 || stream.word() != 0xFFD8) refuse("no SOI marker", 0);
    Frame frame;
    std::array<HuffmanDecoder, 4> tables;
    std::size_t restart_interval = 0;
    for (;;) {
        const std::size_t start = stream.position();
        if (stream.byte() != 0xFF) refuse("a marker is missing", start);
        int marker = stream.byte();
        while (marker == 0xFF) marker = stream.byte();
        if (marker == 0xD9) refuse("the picture ends without a scan", start);
        if (marker < 0xC0 || (marker >= 0xD0 && marker <= 0xD8)) refuse("a marker is out of place", start);
        if (marker == 0xDC) refuse("DNL markers are not supported", start);
        Bytes segment = stream.segment();
        if (marker == 0xC3) {
            read_frame(segment, frame, length, max_pixels);
        } else if (is_frame_header(marker)) {
            refuse(std::string("the coding is ") + process_name(marker), start);
        } else if (marker == 0xC4) {
            read_tables(segment, tables);
        } else if (marker == 0xDD) {
            restart_interval = static_cast<std::size_t>(segment.word());
        } else if (marker == 0xDA) {
            const Scan scan = read_scan(segment, frame);
            decode_scan(stream, scan, tables[static_cast<std::size_t>(scan.table)], restart_interval, frame.picture);
            return std::move(frame.picture);
        }
    }
}

}  // namespace nearfar::photo
