-- The calls that wrk makes: holds, each under a Global ID that no other call of any run has.
-- Arguments, as load/wrk.py gives them: token path first_listing listings start quantity header kind stagger_ms callers
-- kind "holds" only holds; the other kinds end every hold 256 calls later: "releases" by a release, "invoices" by an
-- invoice, "journeys" one half by a release and one half by an invoice.

local threads = 0
local LAG = 256 -- calls between a hold and what ends it: far more than there are connections
local STRIDE = 611953 -- a prime, so that every listing is met once before one is met twice

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(args)
  first, listings, start = tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  quantity, kind = args[6], args[8]
  stem = args[1] .. "-" .. number .. "-"
  calls, holds, ended = 0, 0, 1 -- wrk makes one call to look at and never sends it: the first hold is not there to end
  local common = "Host: 127.0.0.1\r\nX-API-Key: mockpos-dev-key\r\n"
  if args[7] ~= "-" then common = common .. args[7] .. "\r\n" end
  local typed = common .. "Content-Type: application/json\r\nContent-Length: "
  hold_head = "POST " .. args[2] .. " HTTP/1.1\r\n" .. typed
  invoice_head = "POST /v1/invoices HTTP/1.1\r\n" .. typed
  release_head, release_rest = "DELETE /v1/holds/", " HTTP/1.1\r\n" .. common .. "\r\n"
  local within, callers = tonumber(args[9]), tonumber(args[10])
  if within > 0 then begin_apart(within, callers) end
end

-- Callers of real life do not begin at the same moment: each one's first call waits up to within_ms.
function begin_apart(within_ms, callers)
  local begun = 0
  math.randomseed(start + number)
  function delay()
    begun = begun + 1
    return begun <= callers and math.random(0, within_ms) or 0
  end
end

local function with_body(head, body)
  return head .. #body .. "\r\n\r\n" .. body
end

local function hold()
  holds = holds + 1
  local listing = first + (start + holds * STRIDE) % listings
  return with_body(hold_head, '{"remote_id":"TG-' .. listing .. '","quantity":' .. quantity ..
    ',"global_id":"' .. stem .. holds .. '"}')
end

local function ending()
  ended = ended + 1
  if kind == "releases" or (kind == "journeys" and ended % 2 == 0) then return release_head .. stem .. ended .. release_rest end
  return with_body(invoice_head, '{"global_id":"' .. stem .. ended .. '","order_id":"o-' .. stem .. ended .. '"}')
end

function request()
  calls = calls + 1
  if kind ~= "holds" and calls % 2 == 0 and holds - ended > LAG then return ending() end
  return hold()
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '{"requests":%d,"duration_us":%d,"p50_us":%d,"p90_us":%d,"p99_us":%d,"max_us":%d,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(90), latency:percentile(99),
    latency.max, e.connect, e.read, e.write, e.status, e.timeout))
end
