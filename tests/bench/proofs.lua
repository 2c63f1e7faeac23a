-- wrk: paths at random. PATHS names a file with one path a line, TOKEN is sent when there is one.
local paths = {}
for line in io.lines(os.getenv("PATHS")) do
   paths[#paths + 1] = line
end
local token = os.getenv("TOKEN")
local headers = token and token ~= "" and { Authorization = "Bearer " .. token } or {}

function request()
   return wrk.format("GET", paths[math.random(#paths)], headers)
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format("RESULT %.1f %.3f %.3f %d\n", summary.requests / (summary.duration / 1e6),
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
