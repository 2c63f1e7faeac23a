-- wrk: one of the measures, as some hundred people at once. OPERATION and DIRECTORY come from the environment.
local operation = os.getenv("OPERATION")
local directory = os.getenv("DIRECTORY")
local targets = {}

for line in io.lines(directory .. "/targets") do
   local token, case, record, shared = line:match("(%S+) (%S+) (%S+) (%S+)")
   targets[#targets + 1] = { token = token, case = case, record = record, shared = shared }
end

local body = io.open(directory .. "/body"):read("a")
local base = "/samsyn/v1"

local seeds = 0
function setup(thread)
   seeds = seeds + 1
   thread:set("seed", seeds)
end

function init()
   math.randomseed(seed * 7919)
end

function request()
   local t = targets[math.random(#targets)]
   local headers = { Authorization = "Bearer " .. t.token }
   if operation == "getRecord" then
      return wrk.format("GET", base .. "/records/" .. t.record, headers)
   elseif operation == "getSharedRecord" then
      return wrk.format("GET", base .. "/records/" .. t.shared, headers)
   elseif operation == "listRecords" then
      return wrk.format("GET", base .. "/cases/" .. t.case .. "/records?limit=20", headers)
   elseif operation == "listCases" then
      return wrk.format("GET", base .. "/cases?limit=20", headers)
   end
   headers["Content-Type"] = "application/json"
   if operation == "evaluateAccess" then
      return wrk.format("POST", base .. "/access-evaluations", headers, '{"action":"read","recordId":"' .. t.shared .. '"}')
   end
   return wrk.format("POST", base .. "/cases/" .. t.case .. "/records", headers, body)
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write(string.format("RESULT %.1f %.3f %.3f %d %d\n", summary.requests / (summary.duration / 1e6),
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.requests, failed))
end
