-- Runs in Envoy for every request. In front of it stands `local PLAN = {...}`, written by script.py.
-- It finds the customer, turns the id into a pseudonym, and says which arm the request belongs to. No id leaves it.
local bit = require("bit")
local band, bor, bxor, bnot = bit.band, bit.bor, bit.bxor, bit.bnot
local ror, rshift, lshift, tobit, tohex = bit.ror, bit.rshift, bit.lshift, bit.tobit, bit.tohex
local byte, char, rep, sub, find, lower = string.byte, string.char, string.rep, string.sub, string.find, string.lower
local gmatch, gsub, match = string.gmatch, string.gsub, string.match
local LONGEST_ID, LONGEST_VALUE = 512, 64

-- SHA-256 (FIPS 180-4) ---------------------------------------------------------------------------------------
local K = {}
local FIRST = {}
do -- the constants are the fractional bits of the roots of the first primes; doubles are exact enough for 32 bits
  local primes, n = {}, 2
  while #primes < 64 do
    local prime = true
    for _, p in ipairs(primes) do if n % p == 0 then prime = false break end end
    if prime then primes[#primes + 1] = n end
    n = n + 1
  end
  for i, p in ipairs(primes) do
    K[i] = tobit(math.floor((p ^ (1 / 3)) % 1 * 4294967296))
    if i <= 8 then FIRST[i] = tobit(math.floor(p ^ 0.5 % 1 * 4294967296)) end
  end
end

local W = {}
for i = 1, 64 do W[i] = 0 end

local function compress(H, text, from)
  for i = 1, 16 do
    local a, b, c, d = byte(text, from + 4 * i - 3, from + 4 * i)
    W[i] = bor(lshift(a, 24), lshift(b, 16), lshift(c, 8), d)
  end
  for i = 17, 64 do
    local x, y = W[i - 15], W[i - 2]
    W[i] = tobit(W[i - 16] + bxor(ror(x, 7), ror(x, 18), rshift(x, 3))
      + W[i - 7] + bxor(ror(y, 17), ror(y, 19), rshift(y, 10)))
  end
  local a, b, c, d, e, f, g, h = H[1], H[2], H[3], H[4], H[5], H[6], H[7], H[8]
  for i = 1, 64 do
    local one = tobit(h + bxor(ror(e, 6), ror(e, 11), ror(e, 25)) + bxor(band(e, f), band(bnot(e), g)) + K[i] + W[i])
    local two = tobit(bxor(ror(a, 2), ror(a, 13), ror(a, 22)) + bxor(band(a, b), band(a, c), band(b, c)))
    h, g, f, e, d, c, b, a = g, f, e, tobit(d + one), c, b, a, tobit(one + two)
  end
  H[1], H[2], H[3], H[4] = tobit(H[1] + a), tobit(H[2] + b), tobit(H[3] + c), tobit(H[4] + d)
  H[5], H[6], H[7], H[8] = tobit(H[5] + e), tobit(H[6] + f), tobit(H[7] + g), tobit(H[8] + h)
end

local function word(n)
  return char(band(rshift(n, 24), 255), band(rshift(n, 16), 255), band(rshift(n, 8), 255), band(n, 255))
end

-- The hash of a text whose first `before` bytes have already gone into the state `from`.
local function digest(from, before, text)
  local H = { from[1], from[2], from[3], from[4], from[5], from[6], from[7], from[8] }
  local bits = (before + #text) * 8
  local padded = text .. "\128" .. rep("\0", (55 - #text) % 64) .. "\0\0\0\0" .. word(bits)
  for at = 0, #padded - 64, 64 do compress(H, padded, at) end
  return H
end

local function keyed(key, pad)
  local H = { FIRST[1], FIRST[2], FIRST[3], FIRST[4], FIRST[5], FIRST[6], FIRST[7], FIRST[8] }
  local block = {}
  for i = 1, 64 do block[i] = char(bxor(byte(key, i) or 0, pad)) end
  compress(H, table.concat(block), 0)
  return H
end

local function bytes_of(file, size)
  local handle = assert(io.open(file, "rb"), "unfelt: cannot open " .. file)
  local text = handle:read(size)
  handle:close()
  return assert(text, "unfelt: nothing in " .. file)
end

local SECRET = bytes_of(PLAN.secret, 64)
assert(#SECRET == 32, "unfelt: the secret must have 32 bytes")
local INNER, OUTER = keyed(SECRET, 54), keyed(SECRET, 92)

-- HMAC-SHA256 of the id under the secret: the first 32 hexadecimal digits.
local function pseudonym(id)
  local H = digest(INNER, 64, id)
  local inner = word(H[1]) .. word(H[2]) .. word(H[3]) .. word(H[4]) .. word(H[5]) .. word(H[6]) .. word(H[7]) .. word(H[8])
  H = digest(OUTER, 64, inner)
  return tohex(H[1]) .. tohex(H[2]) .. tohex(H[3]) .. tohex(H[4])
end

-- A whole number below 2^32: the customer goes to `new` while it is below share * 2^32.
local function place(salt, customer)
  return digest(FIRST, 0, salt .. "|" .. customer)[1] % 4294967296
end

local SEED, DRAWN = bytes_of("/dev/urandom", 32), 0
local function random_hex()
  DRAWN = DRAWN + 1
  local H = digest(FIRST, 0, SEED .. DRAWN)
  return tohex(H[1]) .. tohex(H[2]) .. tohex(H[3]) .. tohex(H[4])
end
local STREAMS, STREAM = sub(random_hex(), 1, 16), 0

-- What a request carries ---------------------------------------------------------------------------------------
local function cookie(headers, name)
  local jar = headers:get("cookie")
  if not jar then return nil end
  for key, value in gmatch(jar, "([^=;%s]+)%s*=%s*([^;]*)") do
    if key == name then return (gsub(gsub(value, "%s+$", ""), '^"(.*)"$', "%1")) end
  end
end

local function query(headers, name)
  local asked = match(headers:get(":path") or "", "%?([^#]*)")
  if not asked then return nil end
  for key, value in gmatch(asked, "([^&=]+)=?([^&]*)") do
    if key == name then
      return (gsub(gsub(value, "%+", " "), "%%(%x%x)", function(hex) return char(tonumber(hex, 16)) end))
    end
  end
end

local SIXTY_FOUR = {}
for i = 1, 64 do
  SIXTY_FOUR[byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", i)] = i - 1
end
SIXTY_FOUR[43], SIXTY_FOUR[47] = 62, 63

local function from_base64(text)
  local out, held, bits = {}, 0, 0
  for i = 1, #text do
    local six = SIXTY_FOUR[byte(text, i)]
    if not six then break end
    held, bits = band(bor(lshift(held, 6), six), 16777215), bits + 6
    if bits >= 8 then
      bits = bits - 8
      out[#out + 1] = char(band(rshift(held, bits), 255))
    end
  end
  return table.concat(out)
end

-- The end of the JSON string that begins at `from` (its first quotation mark), or nil.
local function string_end(text, from)
  local at = from + 1
  while true do
    local stop = find(text, '["\\]', at)
    if not stop then return nil end
    if byte(text, stop) == 34 then return stop end
    at = stop + 2
  end
end

-- A text or a number at the top level of a JSON object. Escapes are left as they stand: an id is only hashed.
local function member(text, name)
  local at, depth = 1, 0
  while true do
    at = find(text, '[{}%[%]"]', at)
    if not at then return nil end
    local sign = sub(text, at, at)
    if sign == '"' then
      local stop = string_end(text, at)
      if not stop then return nil end
      local rest = match(text, "^%s*:%s*()", stop + 1)
      if rest and depth == 1 and sub(text, at + 1, stop - 1) == name then
        if byte(text, rest) == 34 then
          local last = string_end(text, rest)
          return last and sub(text, rest + 1, last - 1)
        end
        return match(text, "^%-?[%d.eE+-]+", rest)
      end
      at = stop + 1
    else
      depth = depth + ((sign == "{" or sign == "[") and 1 or -1)
      at = at + 1
    end
  end
end

local function claim(headers, name)
  local token = match(headers:get("authorization") or "", "^[Bb][Ee][Aa][Rr][Ee][Rr]%s+[^.%s]+%.([^.%s]+)")
  return token and #token <= 8192 and member(from_base64(token), name) or nil
end

local function device(headers)
  local agent = lower(headers:get("user-agent") or "")
  local function has(text) return find(agent, text, 1, true) ~= nil end
  if has("ipad") or has("tablet") or (has("android") and not has("mobi")) then return "tablet" end
  if has("mobi") or has("iphone") then return "phone" end
  if has("windows") or has("macintosh") or has("x11") or has("linux") or has("cros") then return "desktop" end
  return "other"
end

local READ = {
  header = function(headers, name) return headers:get(name) end,
  cookie = cookie,
  query = query,
  claim = claim,
  device = device,
}

-- Up to 64 bytes, or `longest`, cut between characters, and nothing that is not UTF-8.
local function short(value, longest)
  longest = longest or LONGEST_VALUE
  if #value > longest then
    local cut = longest
    while cut > 0 and band(byte(value, cut + 1), 192) == 128 do cut = cut - 1 end
    value = sub(value, 1, cut)
  end
  if find(value, "[\128-\255]") then
    local rest = gsub(value, "[\194-\223][\128-\191]", "")
    rest = gsub(gsub(rest, "[\224-\239][\128-\191][\128-\191]", ""), "[\240-\244][\128-\191][\128-\191][\128-\191]", "")
    if find(rest, "[\128-\255]") then value = gsub(value, "[\128-\255]", "?") end
  end
  return value
end

-- What the customer saw, for differences that no metric names ---------------------------------------------------
local MOST_NAMES, LONGEST_NAMES = 40, 1024

-- The names of the query's parameters, each once, in their order; what is no plain name stands as *.
local function query_names(headers)
  local asked = match(headers:get(":path") or "", "%?([^#]*)")
  if not asked then return nil end
  local names, known = {}, {}
  for key in gmatch(asked, "([^&=]+)=?[^&]*") do
    local name = #key <= 32 and match(key, "^[%a_][%w_.-]*$") or "*"
    if not known[name] and #names < 8 then
      known[name] = true
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return table.concat(names, "&")
end

-- Of these headers the value counts too, without its numbers: they say how the answer is to be treated.
local VALUED = {
  ["content-encoding"] = true, ["cache-control"] = true, ["vary"] = true, ["content-language"] = true,
  ["content-security-policy"] = true, ["strict-transport-security"] = true, ["x-frame-options"] = true,
  ["access-control-allow-origin"] = true, ["access-control-allow-credentials"] = true, ["allow"] = true,
  ["content-disposition"] = true, ["transfer-encoding"] = true, ["connection"] = true, ["www-authenticate"] = true,
}

-- A cookie by its name and attributes; of the values none but SameSite's.
local function cookie_set(value)
  local parts = { "set-cookie:" .. (match(value, "^%s*([%w_.-]+)=") or "*") }
  for attribute in gmatch(value, ";%s*([^;]*)") do
    local name, rest = match(attribute, "^([%w-]+)=?(.*)$")
    if name then parts[#parts + 1] = lower(name) .. (lower(name) == "samesite" and "=" .. lower(rest) or "") end
  end
  return table.concat(parts, ";")
end

local function token(key, value)
  if key == "set-cookie" then return cookie_set(value) end
  if VALUED[key] then return key .. "=" .. gsub(gsub(sub(value, 1, 64), "[1-9]%d*", "N"), "|", "/") end
  return key
end

local function header_names(headers)
  local tokens, known = {}, {}
  for key, value in pairs(headers) do
    if sub(key, 1, 1) ~= ":" and #tokens < MOST_NAMES then
      local one = sub(token(key, value), 1, 128)
      if not known[one] then
        known[one] = true
        tokens[#tokens + 1] = one
      end
    end
  end
  table.sort(tokens)
  return short(table.concat(tokens, "|"), LONGEST_NAMES)
end

-- The shape of an answer: which members it has and of what sort they are, and nothing of what they say -----------
local WHOLE, MOST_READ, SELDOM = 4096, 16384, 4
local MOST_TOKENS, DEEPEST, LONGEST_SHAPE = 60, 6, 2048

local function bucket(n)
  if n <= 4 then return tostring(n) end
  local most = 8
  while n > most do most = most * 2 end
  return (most / 2 + 1) .. "-" .. most
end

-- Of a text: that it is empty, how a date or number is spelled, or no more than that it is a text.
local function sort_of_text(value)
  if value == "" then return "text0" end
  if #value <= 32 and find(value, "^[%d%-+:/., TZ]+$") and find(value, "%d") then return "text=" .. gsub(value, "%d", "9") end
  return "text"
end

local function sort_of_number(value)
  if tonumber(value) == 0 then return "0" end
  return (byte(value) == 45 and "-" or "") .. (find(value, "[.eE]") and "decimal" or "number")
end

local function json_shape(text)
  local tokens, known, at = {}, {}, 1
  local function add(path, sort)
    local one = (path == "" and "." or path) .. " " .. sort
    if not known[one] and #tokens < MOST_TOKENS and #one <= 120 then
      known[one] = true
      tokens[#tokens + 1] = gsub(one, "|", "/")
    end
  end
  local value
  local function next_sign()
    at = find(text, "[^%s]", at)
    return at and sub(text, at, at)
  end
  local function object(path, depth)
    at = at + 1
    while true do
      local sign = next_sign()
      if sign == "}" then at = at + 1 return true end
      if sign == "," then at = at + 1 sign = next_sign() end
      if sign ~= '"' then return false end
      local stop = string_end(text, at)
      if not stop then return false end
      local key = sub(text, at + 1, stop - 1)
      key = #key <= 40 and find(key, "^[%a_$@][%w_$@.-]*$") and gsub(key, "%d+", "N") or "*"
      at = find(text, ":", stop, true)
      if not at then return false end
      at = at + 1
      if not value(path .. "." .. key, depth + 1) then return false end
    end
  end
  local function list(path, depth)
    at = at + 1
    local many = 0
    while true do
      local sign = next_sign()
      if sign == "]" then
        at = at + 1
        add(path, "list of " .. bucket(many))
        return true
      end
      if sign == "," then at = at + 1 end
      if not sign or not value(path .. "[]", depth + 1) then return false end
      many = many + 1
    end
  end
  value = function(path, depth)
    local sign = next_sign()
    if not sign or depth > DEEPEST * 4 then return false end
    local shown = depth <= DEEPEST
    if sign == "{" then
      if shown then add(path, "object") end
      return object(path, depth)
    elseif sign == "[" then
      return list(path, depth)
    elseif sign == '"' then
      local stop = string_end(text, at)
      if not stop then return false end
      if shown then add(path, sort_of_text(sub(text, at + 1, stop - 1))) end
      at = stop + 1
      return true
    end
    local word = match(text, "^[%w.+-]+", at)
    if not word then return false end
    at = at + #word
    if shown then add(path, find(word, "^%-?%d") and sort_of_number(word) or word == "null" and "null" or "yes or no") end
    return true
  end
  if not value("", 1) then tokens[#tokens + 1] = ". unfinished" end
  return tokens
end

-- A page: its title as a hash, its language, and how many links, pictures, scripts, forms and fields it has.
local function page_shape(text)
  local title = match(text, "<[Tt][Ii][Tt][Ll][Ee][^>]*>([^<]*)<")
  local tokens = { "title " .. (title and tohex(digest(FIRST, 0, (gsub(title, "%d+", "N")))[1]) or "none") }
  tokens[2] = "lang " .. (match(text, "<[Hh][Tt][Mm][Ll][^>]*lang=[\"']?([%a-]+)") or "none")
  local many = { a = 0, img = 0, script = 0, form = 0, input = 0, button = 0, link = 0, h1 = 0 }
  for name in gmatch(text, "<(%a%w*)") do
    name = lower(name)
    if many[name] then many[name] = many[name] + 1 end
  end
  for name, n in pairs(many) do tokens[#tokens + 1] = name .. " " .. bucket(n) end
  return tokens
end

-- What can be read of the answer, as it passes by; nil for what is no page and no JSON, is packed, or is long.
local function shape_of(handle, headers)
  local kind, packed = lower(headers:get("content-type") or ""), headers:get("content-encoding")
  local shape = find(kind, "json", 1, true) and not find(kind, "ndjson", 1, true) and json_shape
    or find(kind, "^%s*text/html") and page_shape
  local length = tonumber(headers:get("content-length") or "")
  if not shape or (packed and packed ~= "identity") or (length and (length == 0 or length > MOST_READ)) then return nil end
  if (not length or length > WHOLE) and STREAM % SELDOM ~= 0 then return nil end
  local pieces, size = {}, 0
  for chunk in handle:bodyChunks() do
    size = size + chunk:length()
    if size <= MOST_READ then pieces[#pieces + 1] = chunk:getBytes(0, chunk:length()) end
  end
  if size == 0 or size > MOST_READ then return nil end
  local fine, tokens = pcall(shape, table.concat(pieces))
  if not fine then return nil end
  table.sort(tokens)
  return short(table.concat(tokens, "|"), LONGEST_SHAPE)
end

local function customer_id(headers)
  for _, from in ipairs(PLAN.customer) do
    local id = READ[from.kind](headers, from.name)
    if id and id ~= "" and #id <= LONGEST_ID then return id end
  end
end

local function arm_of(customer, table_)
  if PLAN.pinned[customer] or table_:get(customer) then return "pinned" end
  if PLAN.excluded[customer] and not table_:get("promoted") then return "excluded" end
  if not table_:get("assigned") then return "none" end
  return place(table_:get("salt"), customer) * 1000000 < table_:get("millionths") * 4294967296 and "new" or "old"
end

-- A mark of program and address, to tell how many stand behind one id; neither can be read from it.
local function caller(handle, headers)
  local address = gsub(handle:streamInfo():downstreamRemoteAddress() or "", ":%d+$", "")
  return tohex(digest(INNER, 64, (headers:get("user-agent") or "") .. "|" .. address)[1])
end

function envoy_on_request(handle)
  local headers, table_ = handle:headers(), handle:metadata()
  STREAM = STREAM + 1
  local facts = { id = STREAMS .. "-" .. STREAM, arm = "none", columns = {} }
  for _, column in ipairs(PLAN.columns) do
    local value = READ[column.kind](headers, column.source)
    if value then facts.columns[column.name] = short(value) end
  end
  if match(headers:get(":path") or "", "^[^?]*") ~= PLAN.heartbeat then
    local id = customer_id(headers)
    if id then
      facts.customer = pseudonym(id)
      facts.arm = arm_of(facts.customer, table_)
      facts.caller = caller(handle, headers)
      facts.query = query_names(headers)
    else
      facts.mint = PLAN.mint ~= nil
      facts.follows = PLAN.follow and table_:get("settled") and true or nil
      facts.dest = headers:get("sec-fetch-dest")
    end
  end
  if facts.arm == "new" or facts.follows then facts.to = "new" end
  handle:streamInfo():dynamicMetadata():set("unfelt", "request", facts)
  if facts.to then handle:clearRouteCache() end
end

-- A response that a shared cache may keep gets no cookie, or many customers would become one.
local function is_shared(headers)
  local kept = lower(headers:get("cache-control") or "")
  local function says(text) return find(kept, text, 1, true) ~= nil end
  if says("public") or says("s-maxage") then return true end
  if says("private") or says("no-store") then return false end
  return says("immutable") or (match(kept, "max%-age=\"?0*([1-9])") ~= nil)
end

-- Only a page gets the cookie: what a browser says it navigates to, or, where it does not say, HTML, or an answer
-- of which the service does not say what it is.
local function is_page(dest, headers)
  if dest then return dest == "document" end
  local kind = lower(headers:get("content-type") or "")
  return find(kind, "^%s*text/html") ~= nil or find(kind, "^%s*application/xhtml") ~= nil or find(kind, "^%s*$") ~= nil
end

local function sets_cookie(headers, name)
  for key, value in pairs(headers) do
    if key == "set-cookie" and sub(value, 1, #name + 1) == name .. "=" then return true end
  end
  return false
end

function envoy_on_response(handle)
  local metadata = handle:streamInfo():dynamicMetadata()
  local ours = metadata:get("unfelt")
  local headers = handle:headers()
  if ours and ours.request and ours.request.customer then
    local names = header_names(headers)
    metadata:set("unfelt", "answer", { headers = names })
    local shape = shape_of(handle, headers)
    if shape then -- What was asked for before the body came cannot be used any more.
      handle:streamInfo():dynamicMetadata():set("unfelt", "answer", { headers = names, shape = shape })
    end
    return
  end
  if not (ours and ours.request and ours.request.mint) then return end
  if not is_page(ours.request.dest, headers) or is_shared(headers) or sets_cookie(headers, PLAN.mint) then return end
  headers:add("set-cookie", PLAN.mint .. "=" .. random_hex() .. "; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax" .. PLAN.secure)
end
