import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A Unix socket that answers whatever comes with fixed bytes, and then hangs up.
final class RawSocketServer: Sendable {
    let path: String
    private let folder: URL
    private let channel: any Channel
    private let bytes: Bytes

    private final class Bytes: Sendable {
        let text = Mutex("")
    }

    private init(path: String, folder: URL, channel: any Channel, bytes: Bytes) {
        self.path = path
        self.folder = folder
        self.channel = channel
        self.bytes = bytes
    }

    /// What clients have sent.
    var received: String { bytes.text.withLock { $0 } }

    static func start(name: String, answer: @escaping @Sendable () -> String) async throws -> RawSocketServer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "raw-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let path = folder.path + "/" + name
        let bytes = Bytes()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        RawHandler(answer: answer()) { text in bytes.text.withLock { $0 += text } })
                }
            }
            .bind(unixDomainSocketPath: path).get()
        return RawSocketServer(path: path, folder: folder, channel: channel, bytes: bytes)
    }

    func stop() async throws {
        try await channel.close()
        try FileManager.default.removeItem(at: folder)
    }
}

/// Waits for the end of a request's head and body, as one read brings them, and answers.
private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: String
    private let record: @Sendable (String) -> Void
    private var text = ""

    init(answer: String, record: @escaping @Sendable (String) -> Void) {
        self.answer = answer
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = String(buffer: unwrapInboundIn(data))
        text += part
        record(part)
        guard text.contains("\r\n\r\n"), !text.hasPrefix("PUT") || text.hasSuffix("}") else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer))).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }
}
