# Asks STS who it is, once for each line on standard input.
require "aws-sdk-core"

# Debian 12's version takes the host of the variable, and not its port.
credentials = Aws::InstanceProfileCredentials.new(port: URI(ENV["AWS_EC2_METADATA_SERVICE_ENDPOINT"]).port)
client = Aws::STS::Client.new(endpoint: ARGV[0], credentials: credentials)
$stdout.sync = true
$stdin.each_line do
  client.get_caller_identity
  puts "used"
end
