-- wrk's part of bench/service.py: POST TARGET with a file's bytes, again and again; or, with sessions, one file a session,
-- each once. Arguments: TARGET ACCEPT FOLDER COUNT (0: FOLDER is the file).
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

local function read(name)
    local f = assert(io.open(name, "rb"))
    local text = f:read("*a")
    f:close()
    return text
end

function init(args)
    local target, accept, from, count = args[1], args[2], args[3], tonumber(args[4])
    local headers = { ["Content-Type"] = "application/cmw+cbor", ["Accept"] = accept }
    requests, at = {}, 0
    if count == 0 then
        requests[1] = wrk.format("POST", target, headers, read(from))
        return
    end
    local i = 0
    for session in io.lines(from .. "/sessions") do
        if i % 2 == number then
            requests[#requests + 1] =
                wrk.format("POST", target .. session, headers, read(from .. "/" .. i .. ".cmw"))
        end
        i = i + 1
    end
end

function request()
    at = at + 1
    if #requests > 1 and at >= #requests then
        wrk.thread:stop()
    end
    return requests[(at - 1) % #requests + 1]
end
