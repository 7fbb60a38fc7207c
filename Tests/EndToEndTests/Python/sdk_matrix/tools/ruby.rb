# Asks STS who it is, once for each line on standard input.
require "aws-sdk-core"

client = Aws::STS::Client.new(endpoint: ARGV[0])
$stdout.sync = true
$stdin.each_line do
  client.get_caller_identity
  puts "used"
end
