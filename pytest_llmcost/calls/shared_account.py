"""One budget for several machines, kept in Redis: every reservation is one atomic script there.

Each machine has its own account besides (`account.py`), so that a lost or lying Redis can at
worst let every machine spend the cap once, and never a machine more than it.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

from pytest_llmcost.calls.account import AccountError, Budget, budget_reached
from pytest_llmcost.calls.money import cap_of, charge_of, usd_of
from pytest_llmcost.calls.redis_client import async_client, place_of
from pytest_llmcost.domain.errors import SettingsError

MOST_EXACT = 2**53
"""Picodollars that Redis's scripts count exactly: nine thousand US dollars."""

_SECONDS_KEPT = 7 * 86_400
_TIMEOUT_SECONDS = 5.0
_RETRIES = 3

# A reservation that was made once is found again by its id: a reply that got lost on the way,
# and a script that is sent again, count nothing twice.
_COMMON = f"""
local budgets, open = KEYS[1], KEYS[2]
local function add(kind, name, amount)
  redis.call('HINCRBY', budgets, kind .. name, string.format('%.0f', amount))
end
local function get(kind, name) return tonumber(redis.call('HGET', budgets, kind .. name) or '0') end
redis.call('EXPIRE', budgets, {_SECONDS_KEPT})
redis.call('EXPIRE', open, {_SECONDS_KEPT})
"""
_RESERVE = (
    _COMMON
    + """
local id, amount, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if redis.call('HEXISTS', open, id) == 1 then return {} end
local now = tonumber(redis.call('TIME')[1])
local names = {}
for i = 4, #ARGV, 2 do
  local name, cap = ARGV[i], tonumber(ARGV[i + 1])
  names[#names + 1] = name
  local known = redis.call('HGET', budgets, 'cap:' .. name)
  if not known or cap < tonumber(known) then redis.call('HSET', budgets, 'cap:' .. name, ARGV[i + 1]) end
end
local function full()
  for _, name in ipairs(names) do
    if get('spent:', name) + get('reserved:', name) + amount > get('cap:', name) then return name end
  end
end
local function lapse()
  local rows = redis.call('HGETALL', open)
  for i = 1, #rows, 2 do
    local row = cjson.decode(rows[i + 1])
    if row.lapses < now and not row.lapsed then
      local held = tonumber(row.amount)
      for _, name in ipairs(row.names) do
        add('reserved:', name, -held)
        add('spent:', name, held)
        add('uncertain:', name, held)
      end
      row.lapsed = true
      redis.call('HSET', open, rows[i], cjson.encode(row))
    end
  end
end
if full() then lapse() end
local name = full()
if name then return {name} end
for _, each in ipairs(names) do add('reserved:', each, amount) end
redis.call('HSET', open, id, cjson.encode({names = names, amount = ARGV[2], lapses = now + lease}))
return {}
"""
)
_SETTLE = (
    _COMMON
    + """
local id, spent, uncertain = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local found = redis.call('HGET', open, id)
if not found then return end
local row = cjson.decode(found)
local held = tonumber(row.amount) -- kept as text, since JSON's numbers have 14 digits here
local charged = row.lapsed and held or 0
for _, name in ipairs(row.names) do
  add('reserved:', name, charged - held)
  add('spent:', name, spent - charged)
  add('uncertain:', name, uncertain - charged)
end
redis.call('HDEL', open, id)
"""
)


class SharedAccount:
    """Named budgets that the machines of one run share; for one event loop.

    Args:
        url: `redis://host:port/database`, or `rediss://`.
        run: The run's name, the same on all its machines.

    Raises:
        SettingsError: If the `redis` extra is not installed, or the URL is none.
    """

    def __init__(self, url: str, run: str) -> None:
        self._redis = async_client(url, "shared_budget", timeout_seconds=_TIMEOUT_SECONDS, retries=_RETRIES)
        self._where = place_of(url)
        self._keys = [f"llmcost:{{{run}}}:{part}" for part in ("budgets", "open")]
        self._lost: AccountError | None = None
        self._reserve = self._redis.register_script(_RESERVE)
        self._settle = self._redis.register_script(_SETTLE)

    async def reserve(self, caps: Mapping[str, Decimal], amount_usd: Decimal, lease_seconds: float) -> str | None:
        """Hold *amount_usd* in all the budgets of *caps* or in none; return the reservation's id.

        Args:
            caps: Budgets by name with their caps, US dollars; of several machines' words the lowest holds.
            amount_usd: The worst case of one attempt, which is sent as soon as it is held.
            lease_seconds: When it is over, whoever made it must be dead: it counts as spent, uncertain.

        Returns:
            None where it does not fit now, but may when other reservations settle.

        Raises:
            BudgetReached: If it does not fit, and nothing else is held.
            AccountError: If Redis does not answer, or once did not: one that is slow would hold up every call anew.
        """
        if self._lost is not None:
            raise AccountError(str(self._lost)) from self._lost
        reservation = secrets.token_hex(8)
        amount = charge_of(amount_usd)
        pairs = [text for name, cap in caps.items() for text in (name, str(_exact(cap)))]
        async with self._said():
            full = await self._reserve(self._keys, [reservation, amount, round(lease_seconds), *pairs])
        if not full:
            return reservation
        budget = await self.budget(full[0].decode())
        if not budget.reserved:
            raise budget_reached(budget, usd_of(amount))
        return None

    async def settle(self, reservation: str, actual_usd: Decimal, *, is_uncertain: bool = False) -> None:
        """Charge what an attempt did cost, in full, and give the rest of its reservation back.

        Raises:
            AccountError: If Redis does not answer; the lease then charges the worst case.
        """
        spent = charge_of(actual_usd)
        async with self._said():
            await self._settle(self._keys, [reservation, spent, spent if is_uncertain else 0])

    async def budget(self, name: str) -> Budget:
        """Return a budget as it stands; all zero where nothing was ever held in it."""
        kinds = ("cap", "spent", "reserved", "uncertain")
        async with self._said():
            found = await self._redis.hmget(self._keys[0], [f"{kind}:{name}" for kind in kinds])
        return Budget(name, *(usd_of(int(value or 0)) for value in found))

    async def look(self, name: str) -> Budget:
        """Return a budget as it stands, and close: for who wants nothing else."""
        try:
            return await self.budget(name)
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the connections; what the run spent stays there for its other machines."""
        await self._redis.aclose()

    @contextlib.asynccontextmanager
    async def _said(self) -> AsyncIterator[None]:
        from redis.exceptions import RedisError

        try:
            yield
        except (RedisError, OSError) as error:
            self._lost = AccountError(
                f"the shared budget at {self._where} cannot be used ({error}), so that nothing more is spent.\n"
                "Start that Redis, or take `shared_budget` away: each machine then has the whole cap."
            )
            raise self._lost from error


def _exact(cap_usd: Decimal) -> int:
    cap = cap_of(cap_usd)
    if cap > MOST_EXACT:
        raise SettingsError(
            f"a shared budget counts exactly up to ${usd_of(MOST_EXACT):.0f}, and ${cap_usd:f} is more. Lower it.",
            key="max_cost_usd",
        )
    return cap
