@preconcurrency import Glibc

/// The environment that this process was started with (environ(7)). Nothing here changes it.
enum ProcessEnvironment {
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            // By bytes, as this is a part of each start.
            if let sign = strchr(entry, CInt(UInt8(ascii: "="))) {
                let name = UnsafeRawBufferPointer(start: entry, count: sign - entry)
                variables[String(decoding: name, as: UTF8.self)] = String(cString: sign + 1)
            }
            next += 1
        }
        return variables
    }
}
