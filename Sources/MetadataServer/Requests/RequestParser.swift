import Glibc
import NIOCore

/// Takes the requests of one connection out of the bytes that it sends: HTTP/1.1 and HTTP/1.0 (RFC 9112), and nothing that is
/// only nearly so. Lines end in CRLF, what may be refused is refused, and every part has a limit. After an error nobody knows
/// where the next request begins, so nothing more may be asked of the parser.
///
/// Every answer of the daemon costs what this costs. So it makes no object but the texts that an answer may depend on, and a head
/// that is the same as the one before, as are nearly all that an SDK sends on a connection it keeps, is not read again.
struct RequestParser {
    /// The longest line, in bytes: a field with its name, or the first line.
    static let longestLine = 8 << 10
    /// All lines of a head, or all after its body's last chunk.
    static let largestHead = 32 << 10
    static let mostFields = 64
    /// No client sends more than an empty body; what comes is thrown away.
    static let largestBody = 16 << 10
    /// Heads of SDKs have a few hundred bytes.
    private static let longestRemembered = 2 << 10

    /// What comes next.
    private enum Part {
        case requestLine, field, body, chunkSize, chunk, chunkEnd, trailer
    }

    private enum Progress {
        case understood
        case needsMore
        case complete(MetadataRequest)
    }

    private var part = Part.requestLine
    private var head: RequestHead?
    /// Its body has yet to come.
    private var request: MetadataRequest?
    private var headLength = 0
    private var fieldCount = 0
    private var bodyLength = 0
    /// Of the body or the chunk, in bytes.
    private var missing = 0
    /// So many of the bytes that were left in the buffer are known to hold no end of a line.
    private var searched = 0
    private var last: (head: [UInt8], request: MetadataRequest)?

    /// Whether a part of a request has come, but not its end.
    var isInRequest: Bool { part != .requestLine || searched > 0 }

    /// The next complete request; `nil` if it needs more bytes. What has been understood is taken from `buffer`; the rest must be
    /// there again the next time, with what has come since behind it.
    mutating func next(from buffer: inout ByteBuffer) throws(MetadataError) -> MetadataRequest? {
        var position = 0
        let found: Result<MetadataRequest?, MetadataError> = buffer.withUnsafeReadableBytes { bytes in
            do throws(MetadataError) {
                return .success(try next(in: bytes, &position))
            } catch {
                return .failure(error)
            }
        }
        buffer.moveReaderIndex(forwardBy: position)
        return try found.get()
    }

    private mutating func next(
        in bytes: UnsafeRawBufferPointer, _ position: inout Int
    ) throws(MetadataError) -> MetadataRequest? {
        let beginsHere = part == .requestLine
        if let last, beginsHere, bytes.starts(withAll: last.head) {
            position = last.head.count
            searched = 0
            return last.request
        }
        while position < bytes.count {
            switch try advance(in: bytes, &position) {
            case .understood: continue
            case .needsMore: return nil
            case .complete(let request):
                // It is nothing but a head, and that is here as a whole.
                if beginsHere, headLength == position, position <= Self.longestRemembered {
                    last = (Array(bytes[..<position]), request)
                }
                begin()
                return request
            }
        }
        return nil
    }

    private mutating func begin() {
        part = .requestLine
        head = nil
        request = nil
        headLength = 0
        fieldCount = 0
        bodyLength = 0
    }

    private mutating func advance(
        in bytes: UnsafeRawBufferPointer, _ position: inout Int
    ) throws(MetadataError) -> Progress {
        switch part {
        case .body, .chunk: return skip(bytes.count, &position)
        case .requestLine, .field, .chunkSize, .chunkEnd, .trailer:
            guard let line = try line(in: bytes, &position) else { return .needsMore }
            return try take(line)
        }
    }

    /// The next line, without its end; `nil` if its end has not come.
    private mutating func line(
        in bytes: UnsafeRawBufferPointer, _ position: inout Int
    ) throws(MetadataError) -> FieldText? {
        let unread = UnsafeRawBufferPointer(rebasing: bytes[position...])
        let end = unread.firstIndex(of: UInt8(ascii: "\n"), from: searched)
        guard (end ?? unread.count) <= Self.longestLine else { throw tooLong }
        guard let end else {
            searched = unread.count
            return nil
        }
        guard end > 0, unread[end - 1] == UInt8(ascii: "\r") else { throw .malformedRequest }
        searched = 0
        position += end + 1
        return FieldText(unread[..<(end - 1)])
    }

    private var tooLong: MetadataError {
        switch part {
        case .requestLine: .targetTooLong
        case .field, .trailer: .headersTooLarge
        case .body, .chunkSize, .chunk, .chunkEnd: .malformedRequest
        }
    }

    private mutating func take(_ line: FieldText) throws(MetadataError) -> Progress {
        switch part {
        case .requestLine:
            // Empty lines before a request are passed over (RFC 9112 §2.2).
            guard line.count > 0 else { return .understood }
            try count(line)
            head = try RequestHead(line: line)
            part = .field
        case .field:
            try count(line)
            guard line.count > 0 else { return try endHead() }
            try head?.note(line: line)
        case .chunkSize: try beginChunk(line)
        case .chunkEnd:
            guard line.count == 0 else { throw .malformedRequest }
            part = .chunkSize
        case .trailer:
            try count(line)
            guard line.count > 0 else { return complete() }
            _ = try RequestHead.field(line)
        case .body, .chunk: throw .malformedRequest
        }
        return .understood
    }

    private mutating func count(_ line: FieldText) throws(MetadataError) {
        headLength += line.count + 2
        if part != .requestLine, line.count > 0 { fieldCount += 1 }
        guard headLength <= Self.largestHead, fieldCount <= Self.mostFields else { throw .headersTooLarge }
    }

    private mutating func endHead() throws(MetadataError) -> Progress {
        guard let (request, framing) = try head?.complete() else { throw .malformedRequest }
        head = nil
        self.request = request
        switch framing {
        case .length(0): return complete()
        case .length(let length):
            try expect(length)
            part = .body
        case .chunked:
            headLength = 0
            fieldCount = 0
            part = .chunkSize
        }
        return .understood
    }

    /// `chunk-size [chunk-ext]` (RFC 9112 §7.1). Extensions are passed over.
    private mutating func beginChunk(_ line: FieldText) throws(MetadataError) {
        let size = line.bytes.prefix { $0 != UInt8(ascii: ";") }
        guard let length = FieldText(size).hexadecimalNumber else { throw .malformedRequest }
        try expect(length)
        part = length == 0 ? .trailer : .chunk
    }

    private mutating func expect(_ length: Int) throws(MetadataError) {
        guard length <= Self.largestBody - bodyLength else { throw .bodyTooLarge }
        bodyLength += length
        missing = length
    }

    private mutating func skip(_ end: Int, _ position: inout Int) -> Progress {
        let length = min(missing, end - position)
        position += length
        missing -= length
        guard missing == 0 else { return .needsMore }
        guard part == .chunk else { return complete() }
        part = .chunkEnd
        return .understood
    }

    private func complete() -> Progress { request.map { .complete($0) } ?? .needsMore }
}

extension UnsafeRawBufferPointer {
    fileprivate func starts(withAll bytes: [UInt8]) -> Bool {
        guard count >= bytes.count, let baseAddress else { return false }
        return bytes.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memcmp(baseAddress, $0, bytes.count) == 0 } ?? true
        }
    }

    fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let baseAddress,
            let found = memchr(baseAddress + start, CInt(byte), count - start)
        else { return nil }
        return UnsafeRawPointer(found) - baseAddress
    }
}
