# What a shop does at the checkout, with HTTParty: hold, then invoice; release when there will be no order.
require "httparty"
require "json"

class Checkout
  Refused = Class.new(StandardError)
  Unknown = Class.new(StandardError)
  LOST = [Errno::ECONNRESET, Errno::ECONNREFUSED, EOFError, Net::ReadTimeout, Net::OpenTimeout].freeze

  def initialize(url, key)
    @url = url
    @options = { headers: { "X-API-Key" => key, "Content-Type" => "application/json" }, timeout: 5, max_retries: 0 }
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
      answer = HTTParty.public_send(method, @url + path, body: body && JSON.generate(body), **@options)
      said = JSON.parse(answer.body)
      return said if answer.success?
      raise Refused, said["code"] unless said["retryable"]
      sleep [answer.headers["Retry-After"].to_f, 1].min
    rescue *LOST
      next
    end
    raise Unknown, path
  end
end
