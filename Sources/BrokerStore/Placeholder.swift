enum BrokerStorePlaceholder {}
