# What a shop does at the checkout, with Faraday: hold, then invoice; release when there will be no order.
require "faraday"
require "json"

class Checkout
  Refused = Class.new(StandardError)
  Unknown = Class.new(StandardError)

  def initialize(url, key)
    headers = { "X-API-Key" => key, "Content-Type" => "application/json" }
    @http = Faraday.new(url, headers: headers, request: { timeout: 5 })
  end

  def buy(remote_id, quantity, global_id:, order_id:)
    hold(remote_id, quantity, global_id: global_id)
    begin
      call(:post, "/v1/invoices", global_id: global_id, order_id: order_id)
    rescue Refused
      release(global_id) # no order: the tickets must not stay held
      raise
    end
  end

  def hold(remote_id, quantity, global_id:)
    call(:post, "/v1/holds", remote_id: remote_id, quantity: quantity, global_id: global_id)
  end

  def release(global_id)
    call(:delete, "/v1/holds/#{global_id}")
  end

  private

  # One call until its outcome is known. An answer that was lost, and one that says retryable, is asked for again
  # with the same ids; any other refusal is final.
  def call(method, path, body = nil)
    5.times do
      answer = @http.run_request(method, path, body && JSON.generate(body), nil)
      said = JSON.parse(answer.body)
      return said if answer.success?
      raise Refused, said["code"] unless said["retryable"]
      sleep [answer.headers["Retry-After"].to_f, 1].min
    rescue Faraday::ConnectionFailed, Faraday::TimeoutError
      next
    end
    raise Unknown, path
  end
end
