#!/bin/sh
# mockpos exec --audit error -- sh checkout.sh
set -eu
key=test-$$ # its first call makes a sandbox, a whole world that no other test sees

# One call until its outcome is known. An answer that was lost, and one that says retryable, is asked for again with the
# same ids; any other refusal is final.
call() { # call METHOD PATH [BODY]
  for _ in 1 2 3 4 5; do
    said=$(curl -s -X "$1" "$MOCKPOS_URL$2" -H "X-API-Key: $key" -H 'Content-Type: application/json' ${3:+-d "$3"}) || continue
    case $said in
      *'"retryable":true'*) sleep 1 ;;
      *) return ;;
    esac
  done
}

mockpos() { # mockpos METHOD PATH [BODY]
  curl -s -X "$1" "$MOCKPOS_CONTROL_URL$2" -H "X-API-Key: $key" -H 'Content-Type: application/json' ${3:+-d "$3"}
}

misbehave() { # misbehave RULE, once
  mockpos PUT /scenario "{\"scenario\": {\"name\": \"bad-day\", \"rules\": [{\"id\": \"once\", \"times\": 1, $1}]}}" >/dev/null
}

expect() { # expect TEXT in what was said last
  case $said in
    *"$1"*) echo "ok   $1" ;;
    *) echo "FAIL $1 is not in $said"; exit 1 ;;
  esac
}

# a good purchase
call POST /v1/holds '{"remote_id": "TG-1042", "quantity": 2, "global_id": "g-1"}'
expect '"seats":["5","6"]'
call POST /v1/invoices '{"global_id": "g-1", "order_id": "o-1"}'
expect '"status":"invoiced"'

# a refusal that is final
call POST /v1/holds '{"remote_id": "MOCK-LISTING_SOLD_OUT", "quantity": 2, "global_id": "g-2"}'
expect '"code":"listing_sold_out"'

# a busy automator is asked again
misbehave '"on": "hold", "respond": "pos_unavailable"'
call POST /v1/holds '{"remote_id": "TG-1042", "quantity": 2, "global_id": "g-3"}'
expect '"status":"held"'
call DELETE /v1/holds/g-3
expect '"status":"released"'

# a hold whose answer was lost is repeated with the same Global ID
misbehave '"on": "hold", "fault": "reset", "phase": "after_commit"'
call POST /v1/holds '{"remote_id": "TG-1042", "quantity": 2, "global_id": "g-4"}'
expect '"replayed":true'

# a refused invoice: the tickets must not stay held
call DELETE /v1/holds/g-4
misbehave '"on": "invoice", "respond": "invoice_rejected"'
call POST /v1/holds '{"remote_id": "TG-1042", "quantity": 2, "global_id": "g-5"}'
call POST /v1/invoices '{"global_id": "g-5", "order_id": "o-5"}'
expect '"code":"invoice_rejected"'
call DELETE /v1/holds/g-5

# nothing was left behind
said=$(mockpos GET /audit)
expect '"findings":[]'
