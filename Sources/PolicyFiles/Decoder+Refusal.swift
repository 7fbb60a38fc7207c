extension Decoder {
    /// An error at this place of the file; `problem` completes the sentence "KEY …".
    func refusal(_ problem: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: codingPath, debugDescription: problem))
    }
}
