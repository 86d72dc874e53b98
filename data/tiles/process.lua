-- process.lua - what of OpenStreetMap stands on the base map. Read by tilemaker when a city is made.
--
-- Two layers, both of lines:
--   transportation       class, oneway (1, -1), brunnel (bridge, tunnel), access (private)
--   transportation_name  class, name, name:zh, name:en, ref; only where there is a name
-- Classes are OpenStreetMap's highway values, links folded into their road with is_link = 1.
-- Official lists write street names in capitals with leading zeros ("04TH ST"); the map shows
-- "4th St". The data behind searches keeps its spelling.

node_keys = {}

-- class -> lowest zoom of the line, lowest zoom of its name
local ZOOMS = {
	motorway = { 9, 12 }, trunk = { 9, 12 }, primary = { 10, 12 }, secondary = { 10, 13 },
	tertiary = { 10, 14 }, unclassified = { 11, 14 }, residential = { 11, 14 },
	living_street = { 12, 14 }, pedestrian = { 12, 14 }, busway = { 13, 14 }, road = { 13, 14 },
	service = { 14, 15 }, track = { 14, 15 }, cycleway = { 14, 15 }, footway = { 15, 15 },
	path = { 15, 15 }, bridleway = { 15, 15 }, steps = { 15, 15 },
}
local LINK_LATER = 1 -- a slip road appears one zoom after its road

local function class_of(highway)
	local main = highway:match("^(%a+)_link$")
	if main and ZOOMS[main] then return main, true end
	if ZOOMS[highway] then return highway, false end
	return nil, false
end

-- U+4000 to U+9FFF as UTF-8; tilemaker's Lua is 5.1 and has no utf8 library.
local function has_cjk(text)
	return text:find("[\228-\233][\128-\191][\128-\191]") ~= nil
end

-- "04TH ST" -> "4th St"; text that has any small letter, or is no ASCII, stays as it is.
local function as_shown(name)
	if name:find("[%l\128-\255]") then return name end
	local words = {}
	for word in name:gmatch("%S+") do
		word = word:gsub("^0+(%d)", "%1")
		if word:find("^%d") then
			word = word:lower()
		elseif #word > 2 or not word:find("^[NSEW][NSEW]$") then
			word = word:sub(1, 1) .. word:sub(2):lower()
		end
		words[#words + 1] = word
	end
	return table.concat(words, " ")
end

local function set_names(way, name)
	local zh, en = way:Find("name:zh"), way:Find("name:en")
	if zh == "" then zh = way:Find("name:zh-Hans") end
	if zh == "" and has_cjk(name) then zh = name end
	if en == "" and not has_cjk(name) then en = as_shown(name) end
	way:Attribute("name", as_shown(name))
	if zh ~= "" then way:Attribute("name:zh", zh) end
	if en ~= "" then way:Attribute("name:en", en) end
end

function node_function(node)
end

function way_function(way)
	local highway = way:Find("highway")
	if highway == "" or way:Find("area") == "yes" then return end
	local class, is_link = class_of(highway)
	if not class then return end
	local line_zoom, name_zoom = ZOOMS[class][1], ZOOMS[class][2]
	if is_link then line_zoom, name_zoom = line_zoom + LINK_LATER, 15 end

	way:Layer("transportation", false)
	way:MinZoom(line_zoom)
	way:Attribute("class", class)
	if is_link then way:AttributeNumeric("is_link", 1) end
	local oneway = way:Find("oneway")
	if oneway == "yes" or oneway == "1" or oneway == "true" then
		way:AttributeNumeric("oneway", 1)
	elseif oneway == "-1" or oneway == "reverse" then
		way:AttributeNumeric("oneway", -1)
	end
	if way:Find("bridge") ~= "" and way:Find("bridge") ~= "no" then
		way:Attribute("brunnel", "bridge")
	elseif way:Find("tunnel") ~= "" and way:Find("tunnel") ~= "no" then
		way:Attribute("brunnel", "tunnel")
	end
	if way:Find("access") == "private" then way:Attribute("access", "private") end

	local name = way:Find("name")
	if name == "" then return end
	way:Layer("transportation_name", false)
	way:MinZoom(name_zoom)
	way:Attribute("class", class)
	set_names(way, name)
	local ref = way:Find("ref")
	if ref ~= "" then way:Attribute("ref", ref) end
end
